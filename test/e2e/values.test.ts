/**
 * Values that a shell would read otherwise, in every field of a recipe and of a host that reaches one: each arrives as it
 * was written, and nothing in them is run.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packTiny, tinyRecipe } from './tinyPackage.ts'
import { Workshop } from './workshop.ts'

const MARK = '/var/tmp/was-run'
/** In a path; a path may hold no line end, and a folder of an account or service no colon. */
const ODD = `a 'b' "c" $(touch ${MARK}) \`touch ${MARK}\`;touch ${MARK}&\\ !*?[x]{y}~#%s é`
const HOSTILE = `${ODD}\nx: y\r\n\ttouch ${MARK}\n`
const FOLDER = `/var/tmp/folder ${ODD.replaceAll('/', '|')}`

const workshop = new Workshop()
// Its make writes down what it got ("$$" is one "$" to replace, and again to make).
const archive = packTiny(workshop.archives, '1.0', {
  'Makefile.in': (text) =>
    text
      .replace('	$(CC)', '	printf \'%s\' "$$$$GIVEN" >given\n	$(CC)')
      .replace('	cp arguments', '	cp given $(DESTDIR)$(prefix)/share/tiny/\n	cp arguments'),
})
const seen = (name: string, ...words: string[]) => [
  '/bin/sh',
  '-c',
  `printf '%s|' "$@" >/var/tmp/seen-${name}`,
  'sh',
  ...words,
]

workshop.write(
  'recipes/tiny.yaml',
  tinyRecipe(archive, {
    summary: HOSTILE,
    homepage: ODD,
    configure: [HOSTILE],
    env: { TINY_VALUE: HOSTILE, GIVEN: HOSTILE },
    make: ['--no-print-directory', 'SOME=a b;c'],
    install: ['install', "OTHER='x y'"],
    smoke: [
      { command: seen('smoke', HOSTILE) },
      { command: ['printf', '%s', ODD], stdout: 'a .b. "c" [$]\\(touch' },
    ],
    accounts: [{ name: 'odd', home: FOLDER, comment: ODD.replaceAll(':', ' ') }],
    files: [{ path: `${FOLDER}/file`, content: HOSTILE, mode: '0640' }],
    setup: [{ title: HOSTILE, command: seen('setup', HOSTILE), creates: '/var/tmp/seen-setup' }],
    services: {
      odd: {
        summary: HOSTILE,
        command: [
          '/bin/sh',
          '-c',
          'printf "%s|" "$@" "$VALUE" "$(pwd)" >/var/tmp/seen-service; exec sleep 1000',
          'sh',
          HOSTILE,
        ],
        environment: { VALUE: HOSTILE },
        directory: FOLDER,
        stop: [
          '/bin/sh',
          '-c',
          'printf "%s|" "$@" >/var/tmp/seen-stop; kill $(svcprop -p restarter/start_pid $SMF_FMRI)',
          'sh',
          HOSTILE,
        ],
        stopTimeout: 5,
      },
    },
  }),
)
workshop.write(
  'hosts.yaml',
  JSON.stringify({
    hosts: { box: { address: 'sandbox', env: { OF_HOST: HOSTILE }, recipes: { tiny: '*' } } },
  }),
)

const values = suite('a value that a shell would read otherwise')

values('is no harm to a dry run', async () => {
  const { code, stdout, stderr } = await workshop.build('box', '--dry-run', '-v')
  assert.is(code, 2, stdout + stderr)
})

values('arrives as it was written, in every field', async () => {
  const { code, stdout, stderr } = await workshop.build('box')
  assert.is(code, 0, stdout + stderr)
  const shared = (name: string) => workshop.read('box', `opt/local/share/tiny/${name}`)
  assert.is(shared('arguments'), `--prefix=/opt/local\n${HOSTILE}\n`)
  assert.is(shared('value'), `${HOSTILE}\n`)
  assert.is(shared('given'), HOSTILE)
  assert.is(workshop.read('box', `${FOLDER}/file`), HOSTILE)
  for (const name of ['smoke', 'setup'])
    assert.is(workshop.read('box', `var/tmp/seen-${name}`), `${HOSTILE}|`)
  assert.is(workshop.read('box', 'var/tmp/seen-service'), `${HOSTILE}|${HOSTILE}|${FOLDER}|`)
  const { stdout: account } = await workshop.login('box', 'getent passwd odd')
  assert.ok(account.includes(`:${FOLDER}:`), account)
})

values('is the same at the next run', async () => {
  const { code, stdout } = await workshop.build('box', '--dry-run')
  assert.is(code, 0, stdout)
})

values('arrives when the service stops, too', async () => {
  await workshop.login('box', 'svcadm disable -s svc:/application/build-stack/odd:default')
  assert.is(workshop.read('box', 'var/tmp/seen-stop'), `${HOSTILE}|`)
})

values('is run nowhere: not on the host, and not here', () => {
  assert.not.ok(existsSync(MARK))
  assert.not.ok(existsSync(join(workshop.root('box'), MARK)))
})

values('in an account is refused where passwd could not hold it', async () => {
  for (const comment of ['x:0:0::/:/bin/sh', 'x\nevil:x:0:0::/:/bin/sh']) {
    workshop.write('recipes/tiny.yaml', tinyRecipe(archive, { accounts: [{ name: 'evil', comment }] }))
    const { code, stdout, stderr } = await workshop.build('box')
    assert.not(code === 0, stdout)
    assert.match(stdout + stderr, /comment|account evil failed/)
    assert.not.match(workshop.read('box', 'etc/passwd') ?? '', /evil/)
  }
})

values('of the host are in its configuration and in its services', async () => {
  const content =
    '${host.name} ${host.hostname} ${host.os} ${host.release} ${host.cpus} ${host.memory} ${value.role}\n'
  const about = {
    summary: 'what the host is',
    system: 'files',
    files: [{ path: 'etc/about', content }],
    services: {
      about: {
        summary: 'about',
        command: ['/bin/sh', '-c', 'echo "$1" >/var/tmp/seen-about; exec sleep 1000', 'sh', '${host.memory}'],
      },
    },
    versions: { 1: { source: { none: true } } },
  }
  workshop.write('recipes/about.yaml', JSON.stringify(about))
  const box = { address: 'sandbox', values: { role: 'a cache' }, recipes: { about: '1' } }
  workshop.write('hosts.yaml', JSON.stringify({ hosts: { box } }))
  const run = await workshop.build('box', '--only', 'about')
  assert.is(run.code, 0, run.stdout + run.stderr)
  // As the host's own programs tell it.
  const { stdout } = await workshop.login(
    'box',
    'echo "$(uname -n) $(uname -s) $(uname -r) $(psrinfo | wc -l) $(awk \'/^MemTotal/ { print int($2 / 1024) }\' /proc/meminfo)"',
  )
  assert.is(workshop.read('box', 'opt/local/etc/about'), `box ${stdout} a cache\n`)
  assert.is(workshop.read('box', 'var/tmp/seen-about'), `${stdout.split(' ').at(-1)}\n`)
  const again = await workshop.build('box', '--only', 'about', '--dry-run')
  assert.is(again.code, 0, again.stdout)
})

values.after(() => workshop.close())
values.run()
