/** A host whose sudo wants a password, with the real sudo: asked for once, seen nowhere, and no help to an evil build. */
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { unless, withoutRoot } from '../unless.ts'
import { onTerminal as runOnTerminal, SCRIPT } from './terminal.ts'
import { packTiny, type TinyPackage, tinyRecipe } from './tinyPackage.ts'
import { Workshop } from './workshop.ts'

const PASSWORD = 'Open "sesame" $HOME !7'
const workshop = new Workshop()
const sudo = suite('sudo with a password')
const program = ['/usr/bin/sudo', SCRIPT, '/usr/bin/openssl'].find((path) => !existsSync(path))
const missing = withoutRoot ?? (program && `there is no ${program} here`)
const own = unless(missing, sudo)

const hosts = ['  box: { address: sandbox }']

/** Another account, which may become root with its password, and a host that is this account's login. */
function addHost(name: string, uid: number, version: string): void {
  const root = workshop.root('box')
  const hash = execFileSync('openssl', ['passwd', '-6', PASSWORD], { encoding: 'utf8' }).trim()
  appendFileSync(join(root, 'etc/passwd'), `${name}:x:${uid}:10::/home/${name}:/bin/sh\n`)
  appendFileSync(join(root, 'etc/shadow'), `${name}:${hash}:20000::::::\n`)
  appendFileSync(join(root, 'etc/sudoers'), `${name} ALL=(ALL:ALL) ALL\n`)
  for (const folder of [`home/${name}`, `var/tmp/${name}`]) {
    mkdirSync(join(root, folder))
    chownSync(join(root, folder), uid, 10)
  }
  mkdirSync(join(root, 'opt', name))
  const { port, identityFile } = workshop.endpoint('box')
  hosts.push(
    `  ${name}: { address: 127.0.0.1, port: ${port}, user: ${name}, key: ${identityFile}, agent: false, privilege: sudo, ` +
      `prefix: /opt/${name}, work: /var/tmp/${name}, recipes: { tiny: "${version}" } }`,
  )
  workshop.write('hosts.yaml', `hosts:\n${hosts.join('\n')}\n`)
}

sudo.before(async () => {
  if (missing) return
  workshop.write('hosts.yaml', `hosts:\n${hosts.join('\n')}\n`)
  const { code, stderr } = await workshop.command('sandbox', 'start', 'box')
  assert.is(code, 0, stderr)
  workshop.writeHome('.ssh/known_hosts', readFileSync(workshop.endpoint('box').knownHostsFile, 'utf8'))
  const root = workshop.root('box')
  mkdirSync(join(root, 'etc/pam.d'))
  const pam = [
    'auth required pam_unix.so nodelay',
    'account required pam_unix.so',
    'session required pam_permit.so',
  ]
  writeFileSync(join(root, 'etc/pam.d/sudo'), `${pam.join('\n')}\n`)
  writeFileSync(join(root, 'etc/sudoers'), 'Defaults use_pty\n')
  chmodSync(join(root, 'etc/sudoers'), 0o440)
})
sudo.after(() => workshop.close())

const onTerminal = (
  words: string[],
  answers: string[],
  onOutput?: (output: string, kill: () => void) => void,
) => runOnTerminal(workshop, words, /for sudo[^:\n]*: /, answers, onOutput)

/** Every process whose words or variables hold the password. */
function seenInProcesses(): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false
    try {
      return ['cmdline', 'environ'].some((name) =>
        readFileSync(`/proc/${pid}/${name}`, 'latin1').includes('sesame'),
      )
    } catch {
      return false
    }
  })
}

function seenInFiles(folder: string): string {
  const argv = ['-rlF', '--exclude-dir=proc', '--exclude-dir=usr', '--exclude-dir=dev', 'sesame', folder]
  try {
    return execFileSync('grep', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return ''
  }
}

const helpersLeft = () =>
  readdirSync(join(workshop.root('box'), 'var/run')).filter((name) => name.startsWith('build-stack-'))

function useRecipe(archive: TinyPackage, configure: string[] = []): void {
  workshop.write('recipes/tiny.yaml', tinyRecipe(archive, { configure }))
}

own('one question, and the password is seen nowhere', async () => {
  useRecipe(packTiny(workshop.archives, '1.0'), ['--slow=2'])
  addHost('keeper', 2601, '1.0')
  const seen: string[] = []
  const watch = setInterval(() => seen.push(...seenInProcesses()), 100)
  const run = await onTerminal(['keeper'], [PASSWORD])
  clearInterval(watch)
  assert.is(run.code, 0, run.output)
  assert.is(run.prompts, 1, run.output)
  assert.not.match(run.output, /sesame/)
  assert.equal(seen, [])
  assert.is(seenInFiles(workshop.folder), '')
  const program = join(workshop.root('box'), 'opt/keeper/bin/tiny')
  assert.is(execFileSync(program, { encoding: 'utf8' }), 'tiny 1.0\n')
  assert.is(statSync(program).uid, 0)
  assert.equal(helpersLeft(), [])
  const again = await workshop.build('keeper')
  assert.is(again.code, 0, 'nothing to do needs no password')
})

own('a wrong password is asked for again; three are enough', async () => {
  addHost('typist', 2602, '1.0')
  useRecipe(packTiny(workshop.archives, '1.0'))
  const lost = await onTerminal(['typist'], ['wrong', 'wronger', 'wrongest'])
  assert.is(lost.code, 69, lost.output)
  assert.match(lost.output, /sudo took none of 3 passwords of typist/)
  const run = await onTerminal(['typist'], ['wrong', PASSWORD])
  assert.is(run.code, 0, run.output)
  assert.is(run.prompts, 2)
  assert.match(run.output, /That was wrong\. Password of typist for sudo: /)
})

own('without a terminal nothing is begun; a dry run needs no password', async () => {
  addHost('batch', 2603, '1.0')
  assert.is((await workshop.build('batch', '--dry-run')).code, 2)
  const { code, stderr, stdout } = await workshop.build('batch')
  assert.is(code, 69, stdout)
  assert.match(stdout + stderr, /sudo wants a password of batch, and there is nobody to ask/)
  assert.not.ok(existsSync(join(workshop.root('box'), 'var/tmp/batch/jobs')))
})

own('a job goes on without its client, and the next run follows it without a question', async () => {
  addHost('traveller', 2604, '1.0')
  useRecipe(packTiny(workshop.archives, '1.0'), ['--slow=4'])
  await onTerminal(['traveller', '-v'], [PASSWORD], (output, end) => {
    if (/configure/.test(output)) setTimeout(end, 500)
  })
  const { code, stdout, stderr } = await workshop.build('traveller')
  assert.is(code, 0, stdout + stderr)
  assert.ok(existsSync(join(workshop.root('box'), 'opt/traveller/bin/tiny')))
  assert.equal(helpersLeft(), [])
})

own('a sudo that wants a terminal is named before anything is begun, with what to change', async () => {
  addHost('clerk', 2607, '1.0')
  const sudoers = join(workshop.root('box'), 'etc/sudoers')
  const rule = (line: string) => writeFileSync(sudoers, `${readFileSync(sudoers, 'utf8')}${line}\n`)
  rule('Defaults:clerk requiretty')
  for (const password of ['', 'clerk ALL=(ALL:ALL) NOPASSWD: ALL']) {
    rule(password)
    const { code, stdout } = await workshop.build('clerk')
    assert.is(code, 69, stdout)
    assert.match(stdout, /sudo wants a terminal of clerk \(requiretty in its sudoers\)/)
    const [, line = ''] = /next: add this line to sudoers there, by visudo: (.+)\n/.exec(stdout) ?? []
    assert.is(line, 'Defaults:clerk !requiretty')
  }
  assert.not.ok(existsSync(join(workshop.root('box'), 'var/tmp/clerk/jobs')))
  // What the error says helps.
  rule('Defaults:clerk !requiretty')
  const { code, stdout, stderr } = await workshop.build('clerk')
  assert.is(code, 0, stdout + stderr)
})

const EVIL = `
cd ../..
for file in lib/*.sh steps/*.root.sh undo.root.sh env.sh root-helper.sh; do
  printf '\\n[ "$(id | cut -c1-6)" != uid=0\\\\( ] || touch /pwned\\n' >>"$file"
done
( echo 'steps/../../../../tmp/evil.root.sh' >"$BUILD_STACK_ROOT/request"; read -r answer <"$BUILD_STACK_ROOT/answer"; echo "evil step: $answer" )
echo 'touch /pwned' >"$BUILD_STACK_ROOT/steps/x" 2>/dev/null && touch /tmp/could-write
cd - >/dev/null
`

own('an evil build gets nothing but what it is to install', async () => {
  const configure = (text: string) => text.replace('prefix=/usr/local\n', `${EVIL}prefix=/usr/local\n`)
  useRecipe(packTiny(workshop.archives, '1.0', { configure }))
  addHost('victim', 2605, '1.0')
  const run = await onTerminal(['victim', '-v'], [PASSWORD])
  assert.is(run.code, 0, run.output)
  assert.match(run.output, /evil step: 1/)
  assert.match(run.output, /is no root step of this job, or was run before/)
  assert.not.ok(existsSync(join(workshop.root('box'), 'pwned')))
  assert.not.ok(existsSync(join(workshop.root('box'), 'tmp/could-write')))
})

own('a helper ends with its job, however that ends', async () => {
  addHost('killed', 2606, '1.0')
  useRecipe(packTiny(workshop.archives, '1.0'), ['--slow=30'])
  await onTerminal(['killed', '-v'], [PASSWORD], (output, end) => {
    if (/configure/.test(output)) setTimeout(end, 500)
  })
  assert.is(helpersLeft().length, 1)
  await workshop.login('box', 'kill -9 `cat /var/tmp/killed/jobs/*/pid`')
  for (let tries = 0; tries < 60 && helpersLeft().length > 0; tries++)
    await new Promise((r) => setTimeout(r, 100))
  assert.equal(helpersLeft(), [])
})

sudo.run()
