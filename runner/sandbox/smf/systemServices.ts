/**
 * The services that every host has, as far as others depend on them: milestones, file systems, network.
 * Read in illumos: the manifests of usr/src/cmd/svc/milestone.
 */
import type { Groups, Property, Repository } from './repository.ts'

/** FMRI without svc:/ and its common name. All are transient, without processes, and enabled. */
const services: [fmri: string, name: string, disabled?: true][] = [
  ['system/svc/restarter:default', 'master restarter'],
  ['system/boot-archive:default', 'check boot archive content'],
  ['system/device/local:default', 'Standard Solaris device configuration'],
  ['system/filesystem/root:default', 'root file system mount'],
  ['system/filesystem/usr:default', 'read/write root file systems mounts'],
  ['system/filesystem/minimal:default', 'minimal file system mounts'],
  ['system/filesystem/local:default', 'local file system mounts'],
  ['system/identity:node', 'system identity (nodename)'],
  ['system/identity:domain', 'system identity (domainname)'],
  ['system/manifest-import:default', 'service manifest import'],
  ['network/loopback:default', 'loopback network interface'],
  ['network/physical:default', 'physical network interfaces'],
  ['network/physical:nwam', 'physical network interface autoconfiguration', true],
  ['network/service:default', 'layered network services'],
  ['network/ssh:default', 'SSH server'],
  ['milestone/network:default', 'Network milestone'],
  ['milestone/name-services:default', 'name services milestone'],
  ['milestone/devices:default', 'device configuration milestone'],
  ['milestone/sysconfig:default', 'Basic system configuration milestone'],
  ['milestone/single-user:default', 'single-user milestone'],
  ['milestone/multi-user:default', 'multi-user milestone'],
  ['milestone/multi-user-server:default', 'multi-user plus exports milestone'],
  ['system/cron:default', 'clock daemon (cron)'],
  ['system/system-log:default', 'system log'],
  ['system/utmp:default', 'utmpx monitoring'],
]

/** Adds those that the repository does not know yet. */
export function addSystemServices(repository: Repository): void {
  for (const [fmri, name, disabled] of services) {
    const [service = '', instance = ''] = fmri.split(':')
    const entity = repository.service(service) ?? { groups: serviceGroups(name), instances: {} }
    repository.services[service] = entity
    if (Object.hasOwn(entity.instances, instance)) continue
    const enabled: Property = { type: 'boolean', values: [String(!disabled)] }
    entity.instances[instance] = {
      groups: { general: { type: 'framework', properties: { enabled } } },
      snapshots: {},
    }
  }
}

function serviceGroups(commonName: string): Groups {
  return {
    start: nullMethod(),
    stop: nullMethod(),
    startd: { type: 'framework', properties: { duration: text('transient') } },
    tm_common_name: { type: 'template', properties: { C: { type: 'ustring', values: [commonName] } } },
  }
}

function nullMethod(): Groups[string] {
  return {
    type: 'method',
    properties: {
      type: text('method'),
      exec: text(':true'),
      timeout_seconds: { type: 'count', values: ['0'] },
    },
  }
}

function text(value: string): Property {
  return { type: 'astring', values: [value] }
}
