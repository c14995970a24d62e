const groups = [...document.querySelectorAll(".change")];
const form = document.querySelector("form"), search = form.elements.search, count = document.getElementById("count");
const texts = groups.map(g => g.textContent.toLowerCase());
const total = groups.reduce((n, g) => n + +g.dataset.count, 0);
form.hidden = false;
function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  groups.forEach((g, i) => {
    g.hidden = !form.elements[g.dataset.action].checked || !words.every(w => texts[i].includes(w));
    if (!g.hidden) shown += +g.dataset.count;
  });
  count.textContent = shown + " of " + total + " shown";
}
form.addEventListener("input", show);
form.addEventListener("submit", e => e.preventDefault());
document.getElementById("all").addEventListener("click", () => {
  const open = groups.some(g => !g.open);
  for (const g of groups) g.open = open;
});
function follow() { // from the picture to a change, which may be out of sight
  const g = groups.find(g => "#" + g.id === location.hash);
  if (!g) return;
  if (g.hidden) { form.reset(); show(); }
  g.open = true;
  g.scrollIntoView();
  g.querySelector("summary").focus();
}
addEventListener("hashchange", follow);
addEventListener("keydown", e => {
  if (e.key === "/" && document.activeElement !== search) { e.preventDefault(); search.focus(); }
});
let folded = [];
addEventListener("beforeprint", () => {
  folded = groups.filter(g => !g.open);
  for (const g of folded) g.open = true;
});
addEventListener("afterprint", () => { for (const g of folded) g.open = false; });
show();
follow();
