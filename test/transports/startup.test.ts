/** That all the checks cost a connection next to nothing, compared with the library alone. */
import { readFileSync } from 'node:fs'
import ssh2 from 'ssh2'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { connectSsh } from '../../runner/transports/ssh.ts'
import type { SshTarget } from '../../runner/transports/transport.ts'
import { clientFolder, nobodyThere, startServer } from './server.ts'

/** On a busy machine it takes some rounds until each has had its undisturbed one. */
const MOST_ROUNDS = 100

const startup = suite('start-up')

startup('a connection and a small command take about as long as with the bare library', async () => {
  const server = await startServer()
  const client = clientFolder(server)
  const times = { bare: [] as number[], ours: [] as number[] }
  const least = (name: 'bare' | 'ours') => Math.min(...times[name])
  const close = () => least('ours') < least('bare') * 1.5 + 2
  for (let round = 0; round < MOST_ROUNDS && (round < 10 || !close()); round++) {
    for (const [name, run] of [
      ['bare', bare],
      ['ours', ours],
    ] as const) {
      const start = performance.now()
      await run(client.target())
      times[name].push(performance.now() - start)
    }
  }
  await server.close()
  client.remove()
  // The fastest of each: what else runs on this machine only ever adds.
  assert.ok(close(), `bare ${least('bare').toFixed(1)} ms, ours ${least('ours').toFixed(1)} ms`)
})

async function ours(target: SshTarget): Promise<void> {
  const transport = await connectSsh(target, nobodyThere)
  await transport.exec('true')
  await transport.close()
}

function bare({ address, port, user, identityFiles }: SshTarget): Promise<void> {
  return new Promise((resolve) => {
    const client = new ssh2.Client()
    client.on('close', () => resolve())
    client.on('ready', () => {
      client.exec('true', (_error, channel) => {
        channel.on('close', () => client.end())
        channel.resume().stderr.resume()
      })
    })
    const privateKey = readFileSync(`${identityFiles[0]}`)
    client.connect({ host: address, port, username: user, privateKey })
    client.on('connect', () => client.setNoDelay(true))
  })
}

startup.run()
