import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { connectSsh } from '../../runner/transports/ssh.ts'
import { clientFolder, nobodyThere, startServer } from './server.ts'

const test = suite('connections to many hosts')

test('a signal that stops all of them makes Node warn of nothing', async () => {
  const warnings: Error[] = []
  const note = (warning: Error) => void warnings.push(warning)
  process.on('warning', note)
  const server = await startServer()
  const client = clientFolder(server)
  try {
    const { signal } = new AbortController()
    const transports = await Promise.all(
      Array.from({ length: 12 }, () => connectSsh(client.target(), nobodyThere, signal)),
    )
    for (const transport of transports) await transport.close()
    assert.equal(
      warnings.filter(({ name }) => name === 'MaxListenersExceededWarning'),
      [],
    )
  } finally {
    process.off('warning', note)
    client.remove()
    await server.close()
  }
})

test.run()
