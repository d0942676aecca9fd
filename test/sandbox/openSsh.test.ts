import { existsSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { BuildStackError } from '../../runner/errors.ts'
import { ensureSandbox, resetSandbox } from '../../runner/sandbox/control.ts'
import { rejects } from '../rejects.ts'
import { buildServer, connect, exec, useCacheFolder } from './sandboxes.ts'

const openSsh = suite("sandbox: OpenSSH's server")
const isRoot = process.getuid?.() === 0
let cache: ReturnType<typeof useCacheFolder>

openSsh.before(buildServer)
openSsh.before.each(() => {
  cache = useCacheFolder()
})
openSsh.after.each(async () => {
  await resetSandbox('box')
  cache.close()
})

if (isRoot && existsSync('/usr/sbin/sshd')) {
  openSsh('serves the same world, and changes places with ours', async () => {
    const own = await connect(await ensureSandbox('box'), 'root')
    await exec(own, 'echo written >/opt/local/file')
    own.on('error', () => {})
    const endpoint = await ensureSandbox('box', { server: 'openssh' })
    for (const user of ['root', 'admin']) {
      const client = await connect(endpoint, user)
      const { stdout } = await exec(
        client,
        'id -un; cat /opt/local/file; echo $PATH; svcs -H -o state network/loopback',
      )
      assert.is(stdout, `${user}\nwritten\n/usr/bin:/usr/sbin:/sbin\nonline\n`)
      client.end()
    }
    // Without a wish the one that runs is good enough.
    assert.is((await ensureSandbox('box')).pid, endpoint.pid)
  })
}

if (!isRoot) {
  openSsh('says that it needs root', async () => {
    const error = (await rejects(ensureSandbox('box', { server: 'openssh' }), /./)) as BuildStackError
    assert.match(error.context.log?.join('\n') ?? '', /needs root/)
  })
}

openSsh.run()
