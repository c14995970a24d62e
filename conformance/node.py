"""Plays compute nodes through the stock SLAP library.

  node.py format MASTER PARTITIONS NODE...   register nodes with partitions
  node.py publish MASTER NODE...             until it is ended, publish the
      connection parameters url and ipv6 of every instance that has none, and
      report what is to be destroyed as destroyed
"""
import sys
import time

from slapos.slap.slap import slap
from slapos.util import dumps


def connect(master):
  library = slap()
  library.initializeConnection(master)
  return library


def format_node(library, node, number, partitions):
  library.registerComputer(node).updateConfiguration(dumps({
    'reference': node,
    'address': '127.0.0.1',
    'netmask': '255.255.255.255',
    'partition_list': [{
      'reference': 'slappart%d' % i,
      'address_list': [
        {'addr': '10.%d.%d.%d' % (number // 256, number % 256, i), 'netmask': '255.255.255.255'},
        {'addr': '2001:db8:%x::%x' % (number, i + 1), 'netmask': 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'},
      ],
      'tap': {'name': 'slaptap%d' % i},
    } for i in range(partitions)],
  }))


def serve(library, node):
  for partition in library.registerComputer(node).getComputerPartitionList():
    if not getattr(partition, '_need_modification', 0):
      continue
    if partition.getState() == 'destroyed':
      partition.destroyed()
      continue
    if partition.getConnectionParameterDict():
      continue
    parameters = partition.getInstanceParameterDict()
    ipv6 = parameters['ip_list'][1][1]
    partition.setConnectionDict({
      'url': 'https://[%s]:8443/%s' % (ipv6, parameters['instance_title']),
      'ipv6': ipv6,
    })
    partition.started()


def main(command, master, *arguments):
  library = connect(master)
  if command == 'format':
    partitions, nodes = int(arguments[0]), arguments[1:]
    for number, node in enumerate(nodes, 1):
      format_node(library, node, number, partitions)
    return
  while True:
    for node in arguments:
      serve(library, node)
    time.sleep(.2)


main(*sys.argv[1:])
