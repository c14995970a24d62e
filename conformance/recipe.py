"""Buildout recipes of the software release that a node agent builds in TestAgent.

  write    writes text, in which @{ stands for ${, to the file output, which may
      then be run
  publish  publishes the connection parameters of the instance and of the shared
      ones that it carries, and asks for the instance that the parameter child
      names
"""
import os

from slapos.slap.slap import slap


class Write:

  def __init__(self, buildout, name, options):
    self.output, self.text = options['output'], options['text']

  def install(self):
    os.makedirs(os.path.dirname(self.output), exist_ok=True)
    with open(self.output, 'w') as f:
      f.write(self.text.replace('@{', '${'))
    os.chmod(self.output, 0o700)
    return [self.output]

  update = install


class Publish:

  def __init__(self, buildout, name, options):
    # What the agent says to an instance about itself.
    self.connection = buildout['slap-connection']

  def install(self):
    library = slap()
    library.initializeConnection(self.connection['server-url'])
    partition = library.registerComputerPartition(
      self.connection['computer-id'], self.connection['partition-id'])
    parameters = partition.getInstanceParameterDict()
    address = parameters['ip_list'][0][1]
    if 'child' in parameters:
      partition.request(
        self.connection['software-release-url'], 'default', parameters['child'],
        partition_parameter_kw={'path': 'of-' + parameters['instance_title']})
    for shared in parameters['slave_instance_list']:
      partition.setConnectionDict(
        {'url': 'http://%s/%s' % (address, shared['path'])},
        slave_reference=shared['slave_reference'])
    partition.setConnectionDict({'url': 'http://%s/%s' % (address, parameters['path'])})
    return []

  update = install
