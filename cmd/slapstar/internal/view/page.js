const groups = [...document.querySelectorAll("details")];
const form = document.querySelector("form"), search = form.elements.search, count = document.getElementById("count");
form.hidden = false;
function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const g of groups) {
    const text = g.textContent.toLowerCase();
    g.hidden = !form.elements[g.className].checked || !words.every(w => text.includes(w));
    if (!g.hidden) shown++;
  }
  count.textContent = shown + " of " + groups.length + " shown";
}
form.addEventListener("input", show);
form.addEventListener("submit", e => e.preventDefault());
document.getElementById("all").addEventListener("click", () => {
  const open = groups.some(g => !g.open);
  for (const g of groups) g.open = open;
});
addEventListener("beforeprint", () => { for (const g of groups) g.open = true; });
show();
