import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageRoot } from '../../runner/paths.ts'
import { explainFailure } from '../../runner/sandbox/diagnosis.ts'

const diagnosis = suite('sandbox: diagnosis')

diagnosis('finds no obstacle where sandboxes start', async () => {
  assert.is(await explainFailure(), undefined)
})

diagnosis('names the setting that forbids user namespaces, and the command that allows them', async () => {
  const module = JSON.stringify(join(packageRoot, 'runner/sandbox/diagnosis.ts'))
  const program = `import { explainFailure } from ${module}; console.log(JSON.stringify(await explainFailure()))`
  // A namespace in which there may be no further ones, and no capabilities to do without.
  const forbid =
    'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all "$@"'
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', program]
  const { stdout } = await promisify(execFile)(
    'unshare',
    ['--user', '--map-root-user', 'sh', '-c', forbid, 'sh', ...node],
    { cwd: packageRoot },
  )
  assert.equal(JSON.parse(stdout), {
    message: 'the sandbox needs user namespaces, which this machine refuses',
    next: 'Run: sudo sysctl -w user.max_user_namespaces=15000',
  })
})

diagnosis.run()
