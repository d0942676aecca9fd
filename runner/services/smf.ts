/**
 * SMF: a manifest and a method script for each service, and the words of smf.sh that bring it up.
 */
import type { BuildService } from '../desired/build.ts'
import { commandLine, exports } from '../shell.ts'
import { awaitLines } from './awaiting.ts'
import { readyWords } from './ready.ts'
import { fmri, manifestPath, methodPath } from './smfNames.ts'
import type { ServiceContext, Supervisor } from './supervisor.ts'

export const smf: Supervisor = {
  name: 'SMF',
  script: 'smf.sh',
  identifier: (service) => fmri(service.name),
  definition: (build, service) => `${build.prefix}/${manifestPath(service.name)}`,
  problem: () => undefined,
  files: async (context) => {
    const { name, own } = context.service
    return [
      { path: manifestPath(name), mode: 0o444, content: own?.manifest ?? (await madeManifest(context)) },
      { path: methodPath(name), mode: 0o555, content: own?.method ?? method(context) },
    ]
  },
  claim: ({ build, service }) => ['claim', fmri(service.name), build.recipe],
  stop: ({ service }) => ['stop', fmri(service.name)],
  start: ({ build, service }) => [
    'start',
    fmri(service.name),
    `${build.prefix}/${manifestPath(service.name)}`,
    String(service.enabled),
    String(service.startTimeout),
    ...readyWords(service.ready),
  ],
  restart: (name) => ['restart', fmri(name)],
  halt: ({ service }) => ['halt', fmri(service.name)],
  undo: ({ build, service }) => ['undo', fmri(service.name), `${build.prefix}/${manifestPath(service.name)}`],
  obey(verb, { name, startTimeout, ready }) {
    const awaited = [String(startTimeout), ...readyWords(ready)]
    switch (verb) {
      case 'start':
        return ['enable', fmri(name), ...awaited]
      case 'stop':
        return ['disable', fmri(name)]
      case 'restart':
        return ['restart', fmri(name), ...awaited]
      case 'refresh':
        // The manifest gives the method as long as a start.
        return ['refresh', fmri(name), String(startTimeout)]
    }
  },
}

/** The XML library takes a moment to load, and most runs write no manifest. */
async function madeManifest(context: ServiceContext): Promise<string> {
  const { manifest } = await import('./smfManifest.ts')
  return manifest(context)
}

/** Runs under the Bourne shell: svc.startd uses /sbin/sh. */
function method(context: ServiceContext): string {
  const { build, service, path } = context
  const waiting = awaitLines(context).map((line) => `  ${line}`)
  const start = `${limits(service)}exec ${commandLine(service.command)}`
  const environment = { PATH: path.join(':'), ...service.environment }
  return [
    '#!/sbin/sh',
    `# ${service.name}: made by build-stack from recipes/${build.recipe}.yaml; changes here are lost.`,
    exports(environment).trimEnd(),
    'case "$1" in',
    ...(waiting.length > 0 ? ['start)', ...waiting, `  ${start}`, '  ;;'] : [`start) ${start} ;;`]),
    ...(service.stop ? [`stop) exec ${commandLine(service.stop)} ;;`] : ['stop) exit 0 ;;']),
    ...(service.refresh ? refresh(service.refresh) : []),
    '*)',
    `  echo "usage: $0 start|stop${service.refresh ? '|refresh' : ''}" >&2`,
    '  exit 2',
    '  ;;',
    'esac',
    '',
  ].join('\n')
}

/**
 * SMF takes a service into maintenance whose refresh method fails three times, and abandons its processes (illumos,
 * usr/src/cmd/svc/startd/method.c, method_thread). A mistake in a configuration file is no reason for that.
 */
function refresh(command: string[]): string[] {
  return [
    'refresh)',
    `  ${commandLine(command)} && exit 0`,
    '  echo "refresh failed with exit status $?; the service runs on as it was"',
    '  exit 0',
    '  ;;',
  ]
}

/** Soft limits alone: root could otherwise not raise them again. */
function limits({ limits: { memory, files } }: BuildService): string {
  return [
    ...(memory === undefined ? [] : [`ulimit -Sv ${Math.ceil(memory / 1024)} || exit 96; `]),
    ...(files === undefined ? [] : [`ulimit -Sn ${files} || exit 96; `]),
  ].join('')
}
