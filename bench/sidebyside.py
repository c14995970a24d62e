"""Compares how slapstar and Terraform or OpenTofu write the same differences.

  bench/sidebyside.py SLAPSTAR TERRAFORM [FOLDER]

The values are those of cmd/slapstar/testdata/plan/kinds.txtar. Each stands in a JSON
document of its own: in a parameter of an instance here, in an output there, which is
what Terraform writes least of. Lines are counted as they are on a terminal of 80 columns.
Prints the table of docs/explanation/diff.md; FOLDER keeps what both wrote.
"""
import ast
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

COLUMNS = 80
KINDS = pathlib.Path(__file__).parent.parent / 'cmd/slapstar/testdata/plan/kinds.txtar'
NOTES = {
  'base64': 'says what differs in the text',
  'by-name': 'the item by its name, not the index',
  'certificate': 'subject, end and fingerprint',
  'json': 'opens the document in the text',
  'long': 'both values; the change is all of it',
  'password': 'a fingerprint of both',
  'token': 'a fingerprint of both',
  'sentence': 'the part that differs, in sight',
  'ssh': 'the fingerprint of the key',
  'url': 'the part that differs, in sight',
}


def values(text, name):
  part = re.search(r'^-- %s --\nVALUES = (\{.*?^\})' % re.escape(name), text, re.S | re.M)
  return ast.literal_eval(part.group(1))


def pairs():
  text = KINDS.read_text()
  before, after = values(text, 'before.star'), values(text, 'main.star')
  list_ = {}
  for key in sorted({*before, *after}):
    kind = re.sub(r'[^a-z0-9]+', '-', key[3:])
    old = {key[3:]: before[key]} if key in before else {}
    new = {key[3:]: after[key]} if key in after else {}
    if before.get(key) == after.get(key) and key in before:
      continue
    if key == '26-old-name':
      continue
    if key == '26-new-name':
      kind, old = 'renamed-key', {'old-name': before['26-old-name']}
    list_[kind] = ({'same': 1, **old}, {'same': 1, **new})
  for i in range(20):
    list_['alike-%02d' % i] = ({'same': 1, 'threads': 4}, {'same': 1, 'threads': 8})
  return list_


def run(folder, *args):
  done = subprocess.run(args, cwd=folder, capture_output=True, text=True, env={**os.environ, 'NO_COLOR': '1', 'TF_CLI_ARGS': '-no-color', 'CHECKPOINT_DISABLE': '1'})
  if done.returncode:
    sys.exit('%s\n%s%s' % (' '.join(args), done.stdout, done.stderr))
  return done.stdout


def ours(slapstar, folder, list_):
  (folder / 'slapos.cfg').write_text('[slapos]\nmaster_url = embedded:master.sqlite\n')
  for name, side in (('before.star', 0), ('main.star', 1)):
    (folder / name).write_text(''.join('request("https://lab.example/software.cfg", %r, {"_": %s}, serialisation = "xml")\n' % (kind, json.dumps(json.dumps(pair[side], ensure_ascii=False)))
                                       for kind, pair in list_.items()))
  run(folder, slapstar, 'apply', '--no-schemas', '--auto-approve', 'before.star')
  text = run(folder, slapstar, 'plan', '--no-schemas', '--group', 'main.star')
  blocks = {}
  for block in re.split(r'(?m)^(?=  [~+-] instance )', text)[1:]:
    block = re.split(r'(?m)^(?:  note:|$)', block)[0]
    head = block.split()[2]
    blocks['alike' if head.startswith('alike') else head] = block
  return text, blocks


def theirs(terraform, folder, list_):
  for side in (0, 1):
    (folder / 'main.tf').write_text(''.join('output "%s" {\n  value = jsonencode(jsondecode(%s))\n}\n' % (kind, json.dumps(json.dumps(pair[side], ensure_ascii=False), ensure_ascii=False).replace('${', '$${').replace('%{', '%%{'))
                                            for kind, pair in list_.items()))
    if side == 0:
      run(folder, terraform, 'init')
      run(folder, terraform, 'apply', '-auto-approve')
  text = run(folder, terraform, 'plan')
  blocks = {}
  for block in re.split(r'(?m)^(?=  [~+-] \S+ += )', text.partition('Changes to Outputs:\n')[2])[1:]:
    block = re.split(r'(?m)^$', block)[0]
    head = block.split()[1]
    blocks['alike'] = blocks.get('alike', '') + block if head.startswith('alike') else ''
    blocks[head] = block
  blocks['alike'] = ''.join(blocks[kind] for kind in list_ if kind.startswith('alike-'))
  return text, blocks


def lines(block):
  block = re.sub(r'\A(\S*.*?\S) {3,}', r'\1  ', block)  # as slapstar does it on a narrow terminal
  return sum(max(1, math.ceil(len(line) / COLUMNS)) for line in block.rstrip('\n').split('\n'))


def main(slapstar, terraform, folder=None):
  with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(folder or temporary)
    for name in ('ours', 'theirs'):
      (folder / name).mkdir(parents=True, exist_ok=True)
    list_ = pairs()
    our_text, our = ours(os.path.abspath(slapstar), folder / 'ours', list_)
    their_text, their = theirs(terraform, folder / 'theirs', list_)
    (folder / 'ours.txt').write_text(our_text)
    (folder / 'theirs.txt').write_text(their_text)
  print('| kind of value | lines there | lines here | |\n|-|-|-|-|')
  longer = []
  for kind in [k for k in list_ if not k.startswith('alike-')] + ['alike']:
    if kind not in our or kind not in their:
      sys.exit('%s: not found in %s' % (kind, 'ours' if kind not in our else 'theirs'))
    there, here = lines(their[kind]), lines(our[kind])
    if here > there:
      longer.append(kind)
    print('| %s | %d | %d | %s |' % ('20 alike' if kind == 'alike' else kind.replace('-', ' '), there, here, NOTES.get(kind, '')))
  if longer:
    print('longer here: ' + ', '.join(longer), file=sys.stderr)
    return 1


sys.exit(main(*sys.argv[1:]))
