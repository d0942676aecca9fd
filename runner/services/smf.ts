/**
 * SMF: a manifest and a method script for each service. The manifest uses only what the DTD of 2006 knows, in its
 * order; see docs/how-it-works.md. The only import of xmlbuilder2, loaded when a manifest is written.
 */
import type { BuildService } from '../desired/build.ts'
import { commandLine, exports } from '../shell.ts'
import type { ServiceContext, Supervisor } from './supervisor.ts'

/** svccfg compares the system id letter by letter. */
const DTD = '/usr/share/lib/xml/dtd/service_bundle.dtd.1'
const NAMESPACE = 'application/build-stack'

const aliases: Record<string, string> = {
  network: 'svc:/milestone/network:default',
  filesystem: 'svc:/system/filesystem/local:default',
}

const durations = { foreground: 'child', background: 'contract', oneshot: 'transient' } as const

const fmri = (name: string) => `svc:/${NAMESPACE}/${name}:default`

export const smf: Supervisor = {
  script: 'smf.sh',
  identifier: (service) => fmri(service.name),
  definition: (build, service) => `${build.prefix}/${manifestPath(service)}`,
  files: async (context) => [
    { path: manifestPath(context.service), mode: 0o444, content: await manifest(context) },
    { path: methodPath(context.service), mode: 0o555, content: method(context) },
  ],
  stop: ({ service }) => ['stop', fmri(service.name)],
  start: ({ build, service }) => [
    'start',
    fmri(service.name),
    `${build.prefix}/${manifestPath(service)}`,
    String(service.enabled),
    String(service.startTimeout),
    service.ready ? String(service.ready.port) : '',
    service.ready?.address ?? '',
  ],
  halt: ({ service }) => ['halt', fmri(service.name)],
  undo: ({ build, service }) => ['undo', fmri(service.name), `${build.prefix}/${manifestPath(service)}`],
}

function manifestPath(service: Pick<BuildService, 'name'>): string {
  return `svc/manifest/${service.name}.xml`
}

function methodPath(service: Pick<BuildService, 'name'>): string {
  return `svc/method/${service.name}`
}

function dependencyFmri(name: string): string {
  return aliases[name] ?? (name.startsWith('svc:/') ? name : fmri(name))
}

async function manifest({ build, service }: ServiceContext): Promise<string> {
  const { create } = await import('xmlbuilder2')
  const program = `${build.prefix}/${methodPath(service)}`
  const document = create({ version: '1.0' }).dtd({ name: 'service_bundle', sysID: DTD })
  const bundle = document.ele('service_bundle', { type: 'manifest', name: `build-stack-${service.name}` })
  const root = bundle.ele('service', { name: `${NAMESPACE}/${service.name}`, type: 'service', version: '1' })
  // Disabled: whether it starts is decided after the import, when it is known whether an administrator disabled it.
  root.ele('create_default_instance', { enabled: 'false' })
  root.ele('single_instance')
  for (const [index, name] of service.requires.entries()) {
    root
      .ele('dependency', {
        name: `requires-${index + 1}`,
        grouping: 'require_all',
        restart_on: 'error',
        type: 'service',
      })
      .ele('service_fmri', { value: dependencyFmri(name) })
  }
  const context = root.ele('method_context', { working_directory: service.directory })
  if (service.user) {
    context.ele('method_credential', { user: service.user, ...(service.group && { group: service.group }) })
  }
  const methods: [string, string, number][] = [
    ['start', `${program} start`, service.startTimeout],
    ['stop', service.stop || service.model === 'oneshot' ? `${program} stop` : ':kill', service.stopTimeout],
    ['refresh', service.refresh ? `${program} refresh` : ':true', service.startTimeout],
  ]
  for (const [name, exec, timeout] of methods) {
    root.ele('exec_method', { type: 'method', name, exec, timeout_seconds: String(timeout) })
  }
  root
    .ele('property_group', { name: 'startd', type: 'framework' })
    .ele('propval', { name: 'duration', type: 'astring', value: durations[service.model] })
  // What made it, for the person who finds it with svcprop.
  root
    .ele('property_group', { name: 'build-stack', type: 'application' })
    .ele('propval', { name: 'recipe', type: 'astring', value: build.recipe })
  root.ele('stability', { value: 'Evolving' })
  root.ele('template').ele('common_name').ele('loctext', { 'xml:lang': 'C' }).txt(service.summary)
  return `${document.end({ prettyPrint: true })}\n`
}

/** Runs under the Bourne shell: svc.startd uses /sbin/sh. */
function method({ build, service, path }: ServiceContext): string {
  const environment = { PATH: path.join(':'), ...service.environment }
  return [
    '#!/sbin/sh',
    `# ${service.name}: made by build-stack from recipes/${build.recipe}.yaml; changes here are lost.`,
    exports(environment).trimEnd(),
    'case "$1" in',
    `start) exec ${commandLine(service.command)} ;;`,
    ...(service.stop ? [`stop) exec ${commandLine(service.stop)} ;;`] : ['stop) exit 0 ;;']),
    ...(service.refresh ? [`refresh) exec ${commandLine(service.refresh)} ;;`] : []),
    '*)',
    `  echo "usage: $0 start|stop${service.refresh ? '|refresh' : ''}" >&2`,
    '  exit 2',
    '  ;;',
    'esac',
    '',
  ].join('\n')
}
