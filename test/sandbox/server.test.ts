import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageRoot } from '../../runner/paths.ts'
import { rejects } from '../rejects.ts'
import { buildServer, useCacheFolder } from './sandboxes.ts'

const server = suite('sandbox: its server')

server('started by hand, touches nothing', async () => {
  await buildServer()
  const cache = useCacheFolder()
  const state = join(cache.folder, 'state')
  // In mounts of its own, so that a server without the check would spoil nothing but the test.
  const program = [process.execPath, join(packageRoot, '.build/sandbox-server.js'), 'ssh2', state, '1', '1']
  const options = ['--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child']
  const run = promisify(execFile)('unshare', [...options, ...program], { timeout: 5000 })
  await rejects(run, /runs in namespaces that launch\.sh makes/)
  assert.not(existsSync(state))
  cache.close()
})

server.run()
