/** The helper that runs a job's root steps where sudo wants a password: as root, asked by an ordinary account. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JobFile } from '../../runner/build/jobFolder.ts'
import { hostScript } from '../../runner/paths.ts'
import { helperFolder, helperInput } from '../../runner/privilege/rootHelper.ts'
import { unless, withoutRoot } from '../unless.ts'
import { type Shell, shells } from './shells.ts'

const USER = 65534

interface Job {
  folder: string
  meet: string
  files: JobFile[]
}

function makeJob(shell: Shell): Job {
  const folder = mkdtempSync(join(tmpdir(), 'build-stack-helper-'))
  const texts: Record<string, string> = {
    'env.sh': `BUILD_STACK_SHELL=${shell.path}; export BUILD_STACK_SHELL\n`,
    'lib/say.sh': 'echo "lib $1 $(id -u)"\n',
    'steps/01-build.sh': 'echo never\n',
    'steps/02-one.root.sh':
      '. "$BUILD_STACK_TRUSTED/env.sh"; sh "$BUILD_STACK_TRUSTED/lib/say.sh" one; env >environment\n',
    'steps/03-two.root.sh': 'echo two; exit 7\n',
    'undo.root.sh': 'echo undone\n',
  }
  mkdirSync(join(folder, 'lib'))
  mkdirSync(join(folder, 'steps'))
  const files = Object.entries(texts).map(([path, text]) => {
    writeFileSync(join(folder, path), text)
    return { path, mode: 0o755, content: Buffer.from(text) }
  })
  execFileSync('chown', ['-R', String(USER), folder])
  writeFileSync(join(folder, 'pid'), `${process.pid}\n`)
  return { folder, meet: helperFolder(folder), files }
}

interface Helper {
  child: ChildProcess
  output: () => string
  ended: Promise<number | null>
}

function startHelper(shell: Shell, job: Job, input = helperInput('secret', job.files)): Helper {
  const argv = [hostScript('root-helper.sh'), job.folder, job.meet, String(USER)]
  const child = spawn(shell.path, argv, { cwd: job.folder, env: {} })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (output += piece))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return { child, output: () => output, ended: new Promise((resolve) => child.on('close', resolve)) }
}

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (what()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`waited in vain for ${what}`)
}

/** Asks as the job does, in an ordinary account. */
function ask(job: Job, step: string): Promise<string> {
  const script = 'echo "$1" >"$2/request"; read -r answer <"$2/answer"; echo "$answer"'
  return new Promise((resolve) => {
    const argv = [
      `--reuid=${USER}`,
      `--regid=${USER}`,
      '--clear-groups',
      'sh',
      '-c',
      script,
      'sh',
      step,
      job.meet,
    ]
    const child = spawn('setpriv', argv, { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (piece) => {
      output += piece
    })
    child.on('close', () => resolve(output.trim()))
  })
}

const tell = (job: Job, word: string) => writeFileSync(join(job.meet, 'request'), `${word}\n`)

for (const shell of shells) {
  const helper = suite<{ job: Job }>(`root-helper.sh under ${shell.name}`)
  const own = unless(withoutRoot, helper)
  helper.before.each((context) => {
    context.job = makeJob(shell)
  })
  helper.after.each(({ job }) => {
    for (const folder of [job.folder, job.meet]) rmSync(folder, { recursive: true, force: true })
  })

  own('runs root steps as root, in their order, each once; and ends with the job', async ({ job }) => {
    const { output, ended } = startHelper(shell, job)
    await until(() => existsSync(join(job.meet, 'request')))
    assert.is(await ask(job, 'steps/02-one.root.sh'), '0')
    assert.is(await ask(job, 'steps/02-one.root.sh'), '1')
    assert.is(await ask(job, 'steps/01-build.sh'), '1')
    assert.is(await ask(job, '../../etc/passwd'), '1')
    assert.is(await ask(job, 'steps/03-two.root.sh'), '7')
    assert.is(await ask(job, 'undo.root.sh'), '0')
    assert.is(await ask(job, 'steps/03-two.root.sh'), '1')
    tell(job, 'end')
    assert.is(await ended, 0)
    assert.match(output(), /^lib one 0$/m)
    assert.match(output(), /^two\n/m)
    assert.match(output(), /^undone$/m)
    assert.match(output(), 'steps/01-build.sh is no root step of this job, or was run before')
    assert.not.match(output(), /secret|never/)
    const environment = readFileSync(join(job.folder, 'environment'), 'utf8')
    assert.not.match(environment, /secret/)
    assert.not.ok(existsSync(job.meet))
  })

  own('what is changed after the start changes nothing', async ({ job }) => {
    const { output, ended } = startHelper(shell, job)
    await until(() => existsSync(join(job.meet, 'request')))
    for (const { path } of job.files) appendFileSync(join(job.folder, path), 'echo evil\n')
    assert.is(await ask(job, 'steps/02-one.root.sh'), '0')
    tell(job, 'end')
    await ended
    assert.not.match(output(), /evil/)
  })

  own('what was changed before stops it', async ({ job }) => {
    appendFileSync(join(job.folder, 'lib/say.sh'), 'echo evil\n')
    const { output, ended } = startHelper(shell, job)
    assert.is(await ended, 1)
    assert.match(output(), `${job.folder}/lib/say.sh was changed since it was sent: no step is run as root`)
    assert.not.ok(existsSync(job.meet))
  })

  own('a file that is a link to one of root only is not shown, and not run', async ({ job }) => {
    rmSync(join(job.folder, 'undo.root.sh'))
    symlinkSync('/etc/shadow', join(job.folder, 'undo.root.sh'))
    const { output, ended } = startHelper(shell, job)
    assert.is(await ended, 1)
    assert.not.match(output(), /root:/)
  })

  own('others can neither write nor look into its folder', async ({ job }) => {
    const { ended } = startHelper(shell, job)
    await until(() => existsSync(join(job.meet, 'request')))
    assert.is(statSync(job.meet).uid, 0)
    assert.is(statSync(job.meet).mode & 0o777, 0o711)
    for (const name of ['steps', 'lib', 'env.sh'])
      assert.is(statSync(join(job.meet, name)).mode & 0o077, 0, name)
    for (const name of ['request', 'answer']) {
      const { uid, mode } = statSync(join(job.meet, name))
      assert.equal([uid, mode & 0o777], [USER, 0o600], name)
    }
    tell(job, 'end')
    await ended
  })

  own('input that is not for it is dropped; without its word it does nothing', async ({ job }) => {
    assert.is(await startHelper(shell, job, 'secret\n').ended, 1)
    assert.is(await startHelper(shell, job, 'touch /tmp/x\n').ended, 1)
    assert.not.ok(existsSync(job.meet))
    const elsewhere = { ...job, meet: '/tmp/elsewhere' }
    assert.is(await startHelper(shell, elsewhere).ended, 1)
    assert.is(await startHelper(shell, { ...job, meet: '/var/run/build-stack-../../tmp/x' }).ended, 1)
  })

  own('it ends when the job was killed', async ({ job }) => {
    const sleeper = spawn('sleep', ['100'])
    writeFileSync(join(job.folder, 'pid'), `${sleeper.pid}\n`)
    const { ended } = startHelper(shell, job)
    await until(() => existsSync(join(job.meet, 'request')))
    sleeper.kill('SIGKILL')
    await ended
    assert.not.ok(existsSync(job.meet))
  })

  helper.run()
}
