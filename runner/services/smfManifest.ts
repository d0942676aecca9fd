/**
 * A service's SMF manifest. Uses only what the DTD of 2006 knows, in its order, so that old and new hosts take it.
 * The only import of xmlbuilder2.
 */
import { create } from 'xmlbuilder2'
import type { Build } from '../desired/build.ts'
import { DTD_SYSTEM_ID } from '../serviceBundle/dtd.ts'
import { quote } from '../shell.ts'
import { awaitSeconds } from './awaiting.ts'
import { dependencyFmri, methodPath, NAMESPACE } from './smfNames.ts'
import type { ServiceContext } from './supervisor.ts'

const durations = { foreground: 'child', background: 'contract', oneshot: 'transient' } as const

/** Without the characters that XML 1.0 cannot have at all. */
function plain(text: string): string {
  return text.replace(/[^\t\n\r\x20-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '?')
}

export function manifest({ build, service }: ServiceContext): string {
  // SMF gives it to a shell, after it has replaced what follows a "%".
  const program = quote(`${build.prefix}/${methodPath(service.name)}`).replaceAll('%', '%%')
  const document = create({ version: '1.0' }).dtd({ name: 'service_bundle', sysID: DTD_SYSTEM_ID })
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
  const context = root.ele('method_context', { working_directory: plain(service.directory) })
  if (service.user) {
    context.ele('method_credential', {
      user: service.user,
      ...(service.group && { group: service.group }),
      ...(service.privileges.length > 0 && { privileges: ['basic', ...service.privileges].join(',') }),
    })
  }
  // 0 is no limit, also with what is waited for.
  const startTimeout = service.startTimeout && service.startTimeout + awaitSeconds(service)
  const methods: [string, string, number][] = [
    ['start', `${program} start`, startTimeout],
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
  for (const [name, properties] of Object.entries(service.properties ?? {})) {
    const group = root.ele('property_group', { name, type: 'application' })
    for (const [property, value] of Object.entries(properties))
      group.ele('propval', { name: property, type: 'astring', value: plain(value) })
  }
  root.ele('stability', { value: 'Evolving' })
  describe(root.ele('template'), service.summary, build.about)
  return `${document.end({ prettyPrint: true })}\n`
}

type XmlElement = ReturnType<typeof create>

/** What svcs -l and -x, and those who read a repository, tell of the service. */
function describe(template: XmlElement, name: string, about: Build['about']): void {
  const text = (element: string, content: string) =>
    template.ele(element).ele('loctext', { 'xml:lang': 'C' }).txt(plain(content))
  text('common_name', name)
  if (!about) return
  text('description', about.summary)
  if (about.homepage !== undefined)
    template.ele('documentation').ele('doc_link', { name: 'homepage', uri: plain(about.homepage) })
}
