/**
 * Two boxes of one recipe: what runs where is their roles', what one needs of the other is hosts.yaml's, and a password is
 * nowhere but in the file that wants it.
 */
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packTiny, tinyRecipe } from './tinyPackage.ts'
import { Workshop } from './workshop.ts'

const PASSWORD = 'w0rd "of" $(id) mouth'
const workshop = new Workshop({ BOXES_PASSWORD: PASSWORD })
const archive = packTiny(workshop.archives, '1.0')
const where = (role: string) => ({ when: { role } })
workshop.write(
  'recipes/tiny.yaml',
  tinyRecipe(archive, {
    configure: [
      { value: '--client-only', ...where('web') },
      { value: '--server', ...where('database') },
    ],
    files: [
      {
        path: '/etc/client.cnf',
        mode: '0600',
        content: 'host=${value.database_host}\nport=${value.database_port}\npassword=${secret.password}\n',
        ...where('web'),
      },
      {
        path: '/etc/server.cnf',
        mode: '0600',
        content: 'password=${secret.password}\n',
        ...where('database'),
      },
    ],
    accounts: [{ name: 'data', uid: 100, gid: 100, ...where('database') }],
    setup: [{ title: 'data', command: ['mkdir', '/var/data'], creates: '/var/data', ...where('database') }],
    services: { data: { summary: 'x', command: ['/bin/sleep', '1000'], ...where('database') } },
  }),
)
const passwordFile = join(workshop.folder, 'password')
const box = (role: string, secret: object) => ({
  address: 'sandbox',
  roles: [role],
  recipes: { tiny: '*' },
  secrets: { password: secret },
})
workshop.write(
  'hosts.yaml',
  JSON.stringify({
    defaults: { values: { database_host: '192.0.2.7', database_port: '3307' } },
    hosts: { web1: box('web', { file: passwordFile }), db1: box('database', { env: 'BOXES_PASSWORD' }) },
  }),
)

/** Paths of the files below a folder that hold the text. */
function holders(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text))
}

const boxes = suite('two boxes')

boxes('a password that others can read is refused before anything is done', async () => {
  writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o644 })
  const { code, stderr, stdout } = await workshop.build('web1')
  assert.is(code, 69)
  assert.match(stdout + stderr, `the secret "password" in ${passwordFile} can be read by others`)
  assert.match(stdout + stderr, `chmod 600 ${passwordFile}`)
})

boxes('each has the parts of its role, with what the other one is', async () => {
  chmodSync(passwordFile, 0o600)
  const { code, stdout, stderr } = await workshop.build('web1', 'db1', '-y', '-v')
  assert.is(code, 0, stdout + stderr)
  assert.not.match(stdout + stderr, PASSWORD)
  const shared = (host: string) => workshop.read(host, 'opt/local/share/tiny/arguments')
  assert.is(shared('web1'), '--prefix=/opt/local\n--client-only\n')
  assert.is(shared('db1'), '--prefix=/opt/local\n--server\n')
  assert.is(workshop.read('web1', 'etc/client.cnf'), `host=192.0.2.7\nport=3307\npassword=${PASSWORD}\n`)
  assert.is(workshop.read('web1', 'etc/server.cnf'), undefined)
  assert.is(workshop.read('db1', 'etc/client.cnf'), undefined)
  assert.is(workshop.read('db1', 'etc/server.cnf'), `password=${PASSWORD}\n`)
  for (const [host, has] of [
    ['web1', false],
    ['db1', true],
  ] as const) {
    const { stdout: account } = await workshop.login(host, 'getent passwd data || :')
    assert.is(account.startsWith('data:x:100:100:'), has)
    const { stdout: services } = await workshop.login(host, 'svcs -H -o fmri,state')
    assert.is(/build-stack\/data:default +online/.test(services), has, services)
  }
})

boxes(
  'the password is in the files that want it, and in their copies on the host, which no other can read',
  () => {
    const found = holders(workshop.cache(), PASSWORD)
    const open = found.filter((path) => (statSync(path).mode & 0o077) !== 0)
    assert.equal(open, [])
    const places = found.map((path) =>
      path.slice(workshop.cache('sandbox').length).replace(/jobs\/[^/]*/, 'jobs/JOB'),
    )
    const of = (host: string, file: string) => [
      `/${host}/root/etc/${file}`,
      `/${host}/root/opt/local/var/build-stack/config/tiny/%2Fetc%2F${file}`,
      `/${host}/root/var/tmp/build-stack/jobs/JOB/files/0`,
    ]
    assert.equal(places.sort(), [...of('web1', 'client.cnf'), ...of('db1', 'server.cnf')].sort())
  },
)

boxes('there is nothing to do at the next run', async () => {
  const { code, stdout } = await workshop.build('web1', 'db1', '-y', '--dry-run')
  assert.is(code, 0, stdout)
})

boxes.after(() => workshop.close())
boxes.run()
