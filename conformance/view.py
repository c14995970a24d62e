"""Prints as JSON what the stock SLAP library sees of a Master.

  view.py MASTER NODE
"""
import json
import sys

from slapos.slap.slap import slap

# What a Master adds to the parameters of a partition.
RESERVED = {
  'timestamp', 'ip_list', 'full_ip_list', 'full_address_list', 'slap_software_type', 'instance_title',
  'root_instance_title', 'root_instance_short_title', 'slap_computer_id', 'slap_computer_partition_id',
  'slap_software_release_url', 'slave_instance_list',
}


def partition(p):
  seen = {'reference': p.getId(), 'state': p.getState()}
  if not getattr(p, '_need_modification', 0):
    return seen
  parameters = p.getInstanceParameterDict()
  seen.update({
    'instance': parameters['instance_title'],
    'root': parameters['root_instance_title'],
    'software_release': p.getSoftwareRelease().getURI(),
    'software_type': parameters['slap_software_type'],
    'parameters': {k: v or '' for k, v in parameters.items() if k not in RESERVED},
    'connection': {k: v or '' for k, v in p.getConnectionParameterDict().items()},
    'addresses': [list(a) for a in parameters['ip_list']],
    'shared': [s['slave_reference'] for s in parameters['slave_instance_list']],
  })
  return seen


def main(master, node):
  library = slap()
  library.initializeConnection(master, slapgrid_rest_uri=master + 'hateoas/')
  computer = library.registerComputer(node)
  print(json.dumps({
    'partitions': [partition(p) for p in computer.getComputerPartitionList()],
    'software': [[r.getURI(), r.getState()] for r in computer.getSoftwareReleaseList()],
    'services': {title: tree._software_release_url for title, tree in library.getOpenOrderDict().items()},
    'computers': sorted(library.getComputerDict()),
  }))


main(*sys.argv[1:])
