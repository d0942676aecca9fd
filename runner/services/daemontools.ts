/**
 * daemontools: a service directory for each service, made below the prefix, and the words of daemontools.sh that link
 * it to where svscan looks. A service's output goes to a multilog of its own.
 */
import type { BuildService } from '../desired/build.ts'
import { commandLine, exports, quote } from '../shell.ts'
import { awaitLines } from './awaiting.ts'
import { daemontoolsIdentifier, logFolder, serviceFolder } from './daemontoolsNames.ts'
import { readyWords } from './ready.ts'
import type { ServiceContext, Supervisor } from './supervisor.ts'

export const daemontools: Supervisor = {
  name: 'daemontools',
  script: 'daemontools.sh',
  identifier: (service) => daemontoolsIdentifier(service.name),
  definition: (build, service) => `${build.prefix}/${serviceFolder(service.name)}`,
  problem({ model, privileges, properties, stop }) {
    if (model !== 'foreground') {
      return `model ${model}: daemontools watches a command that stays in the foreground, and no other`
    }
    if (privileges.length > 0) return `privileges ${privileges.join(', ')}: only SMF can give them`
    if (properties) return `properties ${Object.keys(properties).join(', ')}: only SMF has them`
    return stop ? 'stop: under daemontools a service ends at SIGTERM' : undefined
  },
  files: async (context) => {
    const { service } = context
    const folder = serviceFolder(service.name)
    return [
      { path: `${folder}/run`, mode: 0o755, content: service.own?.run ?? run(context) },
      { path: `${folder}/log/run`, mode: 0o755, content: log(context) },
      ...(service.refresh
        ? [{ path: `${folder}/refresh`, mode: 0o755, content: refresh(context, service.refresh) }]
        : []),
    ]
  },
  claim: ({ build, service }) => [
    'claim',
    daemontoolsIdentifier(service.name),
    `${build.prefix}/${serviceFolder(service.name)}`,
  ],
  stop: ({ service }) => ['stop', daemontoolsIdentifier(service.name), String(service.stopTimeout)],
  start: ({ build, service }) => [
    'start',
    daemontoolsIdentifier(service.name),
    `${build.prefix}/${serviceFolder(service.name)}`,
    `${build.prefix}/${logFolder(service.name)}`,
    service.user ?? '',
    service.group ?? '',
    String(service.enabled),
    String(service.startTimeout),
    ...readyWords(service.ready),
  ],
  restart: (name) => ['restart', daemontoolsIdentifier(name)],
  halt: ({ service }) => ['halt', daemontoolsIdentifier(service.name)],
  undo: ({ build, service }) => [
    'undo',
    daemontoolsIdentifier(service.name),
    `${build.prefix}/${serviceFolder(service.name)}`,
  ],
  obey(verb, { prefix, name, startTimeout, stopTimeout, ready }) {
    const [identifier, log] = [daemontoolsIdentifier(name), `${prefix}/${logFolder(name)}`]
    const awaited = [log, String(startTimeout), ...readyWords(ready)]
    switch (verb) {
      case 'start':
        return ['enable', identifier, ...awaited]
      case 'stop':
        return ['disable', identifier, String(stopTimeout)]
      case 'restart':
        return ['restart', identifier, String(stopTimeout), ...awaited]
      case 'refresh':
        return ['refresh', identifier]
    }
  },
}

function header({ build, service, path }: ServiceContext): string[] {
  return [
    '#!/bin/sh',
    `# ${service.name}: made by build-stack from recipes/${build.recipe}.yaml; changes here are lost.`,
    exports({ PATH: path.join(':'), ...service.environment }).trimEnd(),
  ]
}

/** As root where there is an account to become, else as whoever runs svscan. */
const become = ({ user }: Pick<BuildService, 'user'>): string[] => (user ? ['setuidgid', user] : [])

function run(context: ServiceContext): string {
  const { service } = context
  return [
    ...header(context),
    'exec 2>&1',
    ...awaitLines(context),
    `cd ${quote(service.directory)} || exit 111`,
    // Limits of the process itself, so that setuidgid, which needs little, is in front.
    `exec ${commandLine([...become(service), ...limits(service), ...service.command])}`,
    '',
  ].join('\n')
}

function limits({ limits: { memory, files } }: BuildService): string[] {
  const words = [
    ...(memory === undefined ? [] : ['-a', String(memory)]),
    ...(files === undefined ? [] : ['-o', String(files)]),
  ]
  return words.length > 0 ? ['softlimit', ...words] : []
}

function log(context: ServiceContext): string {
  const { build, service } = context
  const { size, count } = service.log
  const multilog = ['multilog', 't', `s${size}`, `n${count}`, `${build.prefix}/${logFolder(service.name)}`]
  return [...header(context), `exec ${commandLine([...become(service), ...multilog])}`, ''].join('\n')
}

/** For the administrator: daemontools itself knows signals alone. */
function refresh(context: ServiceContext, command: string[]): string {
  const { service } = context
  return [
    ...header(context),
    `cd ${quote(service.directory)} || exit 111`,
    `exec ${commandLine([...become(service), ...command])}`,
    '',
  ].join('\n')
}
