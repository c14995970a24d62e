"""Validates parameters as the stock client does. Reads lines of JSON with schema, the
path of a schema; xml, whether the parameters travel as text; value, the parameters.
Writes a line for each: valid, invalid, or error and what it is.

Text of xml may be what the recipe of a release reads back from it: the parameters are
valid if they are so as given, or with any of their texts read back.
"""
import itertools
import json
import re
import sys
import warnings

import jsonschema
from slapos.util import SoftwareReleaseSchema, _RefResolver

warnings.simplefilter('ignore')
reader = SoftwareReleaseSchema('', None)
validators = {}

NUMBER = re.compile(r'[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\Z')


def validator(path):
  if path not in validators:
    schema = reader._readAsJson(path, True)
    if schema is None:
      raise ValueError('the schema cannot be read')
    validators[path] = jsonschema.validators.validator_for(schema)(
      schema, resolver=_RefResolver.from_schema(schema, reader._readAsJson))
  return validators[path]


def read_back(value):
  if value in ('True', 'False'):
    return value == 'True'
  if isinstance(value, str) and NUMBER.match(value):
    return int(value) if re.match(r'[+-]?[0-9]+\Z', value) else float(value)
  return value


def choices(value):
  texts = [k for k, v in value.items() if isinstance(v, str) and read_back(v) != v]
  for n in range(len(texts) + 1):
    for names in itertools.combinations(texts, n):
      yield {k: read_back(v) if k in names else v for k, v in value.items()}


def verdict(case):
  try:
    v = validator(case['schema'])
    value = case['value']
    value.pop('$schema', None)
    forms = choices(value) if case['xml'] else [value]
    return 'valid' if any(next(v.iter_errors(form), None) is None for form in forms) else 'invalid'
  except Exception as e:
    return 'error %s: %s' % (type(e).__name__, ' '.join(str(e).split())[:200])


for line in sys.stdin:
  print(verdict(json.loads(line)))
