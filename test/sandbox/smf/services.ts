/** Services made for a test, and what can be seen of them from outside. */
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { type ManifestParts, manifest, type TestWorld } from './world.ts'

let count = 0

/** Imports a service of its own for a test and gives its FMRI. */
export async function addService(world: TestWorld, parts: ManifestParts): Promise<string> {
  const name = `application/t${++count}`
  world.write(`/${count}.xml`, manifest(name, parts))
  const { code, stderr } = await world.run('svccfg', ['import', `/${count}.xml`])
  assert.is(code, 0, stderr)
  return `svc:/${name}:default`
}

export async function property(world: TestWorld, fmri: string, name: string): Promise<string> {
  return (await world.run('svcprop', ['-p', name, fmri])).stdout.trim()
}

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))
}

export function pidIn(world: TestWorld, path: string): number {
  return Number(readFileSync(world.path(path), 'utf8'))
}

/** Lines of svc.startd, without their time. */
export function startdLines(world: TestWorld, fmri: string): (string | undefined)[] {
  const lines = world.log(fmri).matchAll(/^\[ [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (.*) \]$/gm)
  return [...lines].map((m) => m[1])
}

/** The reasons that the service was stopped for, in order. */
export function stops(world: TestWorld, fmri: string): (string | undefined)[] {
  return startdLines(world, fmri).filter((l) => l?.startsWith('Stopping because '))
}

export async function stopsReach(world: TestWorld, fmri: string, wanted: number): Promise<void> {
  for (const end = Date.now() + 8000; Date.now() < end && stops(world, fmri).length < wanted; )
    await sleep(20)
}

/** Without root, marks other than the environment cannot be read. */
const FORGET = process.getuid?.() === 0 ? 'env -i' : ''

/** A daemon that leaves its session, its parent and its environment behind, and notes its pid. */
export const daemon = (pidFile: string) => `#!/bin/sh
setsid sh -c '${FORGET} sh -c "echo \\$\\$ >\\"$0\\"; exec sleep 1000" "$0" & ' '${pidFile}' </dev/null >/dev/null 2>&1
while [ ! -s '${pidFile}' ]; do sleep 0.01; done
`

export const DISABLED = 'Stopping because service disabled.'

/** Starts a daemon service, sends its process a signal, waits until another one runs, and disables it. */
export async function replaced(
  world: TestWorld,
  parts: ManifestParts,
  signal: NodeJS.Signals,
): Promise<string> {
  const name = `/r${++count}`
  const pidFile = world.path(`${name}.pid`)
  const start = world.write(`/opt${name}`, `#!/bin/sh\nrm -f ${pidFile}\n${daemon(pidFile)}`)
  const fmri = await addService(world, { start, stop: ':kill', enabled: true, ...parts })
  await world.reaches(fmri, 'online')
  const first = pidIn(world, `${name}.pid`)
  process.kill(first, signal)
  for (const end = Date.now() + 8000; Date.now() < end; await sleep(20))
    if (existsSync(pidFile) && ![first, 0].includes(pidIn(world, `${name}.pid`))) break
  await world.reaches(fmri, 'online')
  assert.is.not(pidIn(world, `${name}.pid`), first)
  await world.run('svcadm', ['disable', '-s', fmri])
  return fmri
}
