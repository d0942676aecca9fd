import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import {
  ensureSandbox,
  killSandbox,
  listSandboxes,
  resetSandbox,
  sandboxStatus,
  stopSandbox,
} from '../../runner/sandbox/control.ts'
import { isAlive, type RunningSandbox, readEndpoint } from '../../runner/sandbox/endpoint.ts'
import { rejects } from '../rejects.ts'
import { buildServer, connect, control, exec, useCacheFolder } from './sandboxes.ts'

const starting = suite('sandbox: start, find, stop')
let cache: ReturnType<typeof useCacheFolder>

starting.before(buildServer)
starting.before.each(() => {
  cache = useCacheFolder()
})
starting.after.each(async () => {
  for (const { name } of listSandboxes()) await resetSandbox(name)
  cache.close()
})

async function run(command: string): Promise<string> {
  const client = await connect(await ensureSandbox('box'), 'root')
  const { stdout } = await exec(client, command)
  client.end()
  return stdout
}

starting('starts a sandbox, and finds it again in less than 3 ms', async () => {
  const endpoint = await ensureSandbox('box')
  const times: number[] = []
  for (let round = 0; round < 5; round += 1) {
    const before = performance.now()
    assert.equal(await ensureSandbox('box'), endpoint)
    times.push(performance.now() - before)
  }
  assert.ok(Math.min(...times) < 3, `took ${times} ms`)
  assert.is(await run('uname -n'), 'box\n')
})

starting('starts one for two clients at once', async () => {
  const answers = await Promise.all(
    [1, 2, 3].map(() => control(cache.folder, process.getuid?.() ?? 0, "await ensureSandbox('box')")),
  )
  const endpoints = answers.map((answer) => JSON.parse(answer))
  assert.equal(endpoints[1], endpoints[0])
  assert.equal(endpoints[2], endpoints[0])
})

starting('keeps the world, the port and the keys over a stop, and empties what a boot empties', async () => {
  const first = await ensureSandbox('box')
  await run('echo kept >/opt/local/file; echo gone >/tmp/file; echo gone >/system/volatile/file')
  const hostKey = readFileSync(first.knownHostsFile, 'utf8')
  await stopSandbox('box')
  const second = await ensureSandbox('box')
  assert.is.not(second.pid, first.pid)
  assert.is(second.port, first.port)
  assert.is(readFileSync(second.knownHostsFile, 'utf8'), hostKey)
  assert.is(await run('cat /opt/local/file; ls /tmp/file /system/volatile/file 2>/dev/null'), 'kept\n')
})

starting('takes another port when its own is in use', async () => {
  const first = await ensureSandbox('box')
  await stopSandbox('box')
  const squatter = createServer()
  await new Promise<void>((resolve) => squatter.listen(first.port, '127.0.0.1', resolve))
  const second = await ensureSandbox('box')
  assert.is.not(second.port, first.port)
  assert.is(await run('echo reached'), 'reached\n')
  squatter.close()
})

starting('ends every process with the sandbox, stopped or killed', async () => {
  for (const end of [stopSandbox, killSandbox]) {
    const client = await connect(await ensureSandbox('box'), 'root')
    const { pid, startTime } = readEndpoint('box') as RunningSandbox
    await exec(client, 'setsid sleep 1000 >/dev/null 2>&1 </dev/null &')
    client.on('error', () => {})
    await end('box')
    assert.is(sandboxStatus('box').state, 'stopped')
    // Its parent may not have taken note of it yet.
    assert.not(isAlive(pid, startTime))
    client.destroy()
  }
})

starting('starts again after the supervisor was killed', async () => {
  const first = await ensureSandbox('box')
  process.kill(first.pid, 'SIGKILL')
  while (existsSync(`/proc/${first.pid}`)) await sleep(5)
  const second = await ensureSandbox('box')
  assert.is.not(second.pid, first.pid)
  assert.is(await run('echo again'), 'again\n')
})

starting('says what state a sandbox is in', async () => {
  assert.equal(sandboxStatus('box'), { state: 'absent' })
  const endpoint = await ensureSandbox('box')
  const { since, ...status } = sandboxStatus('box')
  assert.equal(status, { state: 'running', endpoint })
  assert.ok(Math.abs(Date.now() - Date.parse(since ?? '')) < 30_000)
  assert.equal(
    listSandboxes().map(({ name }) => name),
    ['box'],
  )
  await stopSandbox('box')
  assert.equal(sandboxStatus('box'), { state: 'stopped' })
})

starting('takes no other process for the sandbox when its number was given again', async () => {
  const endpoint = await ensureSandbox('box')
  const file = join(cache.folder, 'sandbox/box/endpoint.json')
  const { startTime, ...rest } = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...rest, startTime: `${Number(startTime) - 1}` }))
  assert.is(sandboxStatus('box').state, 'stopped')
  writeFileSync(file, JSON.stringify({ ...rest, startTime }))
  assert.equal(sandboxStatus('box').endpoint, endpoint)
})

starting('deletes the world at a reset, folders without permission to write included', async () => {
  await run('mkdir -p /opt/local/a/b; chmod 500 /opt/local/a/b /opt/local/a; chmod 0 /opt/local/a')
  await resetSandbox('box')
  assert.is(sandboxStatus('box').state, 'absent')
  assert.equal(listSandboxes(), [])
})

starting('does nothing when what is to be stopped does not run', async () => {
  await stopSandbox('box')
  await killSandbox('box')
  await resetSandbox('box')
  assert.is(sandboxStatus('box').state, 'absent')
})

starting('refuses a name that would leave its folder', async () => {
  for (const name of ['../x', '', '.hidden', 'a/b', 'a b']) {
    const error = await rejects(ensureSandbox(name), /is not a name for a sandbox/)
    assert.is((error as BuildStackError).code, 'CONFIG')
  }
})

starting('shows the end of the log when the server cannot start', async () => {
  const folder = join(cache.folder, 'sandbox/box')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'root'), 'a file where the world should be')
  const error = (await rejects(ensureSandbox('box'), /ended with status 1/)) as BuildStackError
  assert.instance(error, BuildStackError)
  assert.is(error.code, 'PREREQUISITE')
  assert.match(error.context.log?.join('\n') ?? '', /EEXIST.*root/)
  assert.is(error.context.logFile, join(folder, 'server.log'))
  rmSync(folder, { recursive: true, force: true })
})

starting('keeps nothing open of the command that started it', async () => {
  // The expression's process ends at once; its output ends only when nobody holds it any more.
  const endpoint = JSON.parse(
    await control(cache.folder, process.getuid?.() ?? 0, "await ensureSandbox('box')"),
  )
  assert.is(endpoint.name, 'box')
  const listing = await run('ls -l /proc/self/fd | wc -l')
  assert.is(Number(listing), 5)
})

starting.run()
