"""Reads configuration files as the stock commands do, and prints as JSON what each of
them took: {file name: {"client": …, "proxy": …}}.

  configuration.py FOLDER

Both are what the peer's own classes made of the file: that of the client commands, and
that of slapos proxy start. Where one of them did not read the file it has an "error".
What only slapstar has keys for is taken from the parser, with the client's.
"""
import argparse
import json
import logging
import os
import sys
import types

from slapos.cli.config import ClientConfigCommand
from slapos.client import ClientConfig
from slapos.proxy import ProxyConfig

command = types.SimpleNamespace(
  app=types.SimpleNamespace(log=logging.getLogger('configuration')),
  config_path=lambda args: args.cfg)


def parse(path):
  return ClientConfigCommand.fetch_config(command, argparse.Namespace(cfg=path))


def client(path):
  parser = parse(path)
  conf = ClientConfig.__new__(ClientConfig)
  taken = {}
  try:
    conf.__init__(argparse.Namespace(cert_file=None, key_file=None), parser)
  except ValueError as e:
    # What it read was not enough for it.
    if not str(e).startswith('No option'):
      raise
    taken['incomplete'] = True
  for key in 'cert_file', 'key_file':
    taken[key] = os.path.expanduser(getattr(conf, key, None) or '')  # it stopped before that if incomplete
  for key in 'master_url', 'master_rest_url', 'master_jsonrpc_url', 'project_reference', 'ca_file':
    taken[key] = parser.get('slapos', key, fallback='')
  for key in 'schema_hosts', 'max_listing':
    taken[key] = parser.get('slapstar', key, fallback='')
  for key in 'master_url', 'master_rest_url':
    if 'incomplete' not in taken and (getattr(conf, key) or '') != taken[key]:
      raise AssertionError('%s: %s is not that of the client' % (path, key))
  return taken


def proxy(path):
  conf = ProxyConfig(logger=None)
  conf.mergeConfig(argparse.Namespace(host=None, port=None, database_uri=None), parse(path))
  taken = {key: getattr(conf, key, None) or ''
           for key in ('host', 'port', 'database_uri', 'log_file', 'computer_id', 'software_product_list', 'allow_host')}
  taken['multimaster'] = {
    url: {key: values.get(key, [] if key == 'software_release_list' else '')
          for key in ('software_release_list', 'cert', 'key', 'computer', 'partition')}
    for url, values in conf.multimaster.items()}
  return taken


def attempt(read, path):
  try:
    return read(path)
  except Exception as e:
    return {'error': '%s: %s' % (type(e).__name__, e)}


folder = sys.argv[1]
print(json.dumps({
  name: {'client': attempt(client, os.path.join(folder, name)), 'proxy': attempt(proxy, os.path.join(folder, name))}
  for name in sorted(os.listdir(folder))}))
