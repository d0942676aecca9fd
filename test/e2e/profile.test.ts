/** One PATH of a host for builds, services and logins: what hosts.yaml says, by the repository's recipe of the profile. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packTiny, tinyRecipe } from './tinyPackage.ts'
import { Workshop } from './workshop.ts'

const workshop = new Workshop()
const archive = packTiny(workshop.archives, '1.0', {
  'Makefile.in': (text) =>
    text
      .replace('	$(CC)', '	echo "$$$$PATH" >given\n	$(CC)')
      .replace('	cp arguments', '	cp given $(DESTDIR)$(prefix)/share/tiny/\n	cp arguments'),
})
const command = ['/bin/sh', '-c', 'echo "$PATH" >/var/tmp/seen-service; exec sleep 1000']
workshop.write('recipes/tiny.yaml', tinyRecipe(archive, { services: { tiny: { summary: 'x', command } } }))
workshop.takeOver('recipes/profile.yaml')

function hosts(path: string[]): void {
  const box = { address: 'sandbox', path, recipes: { profile: '1', tiny: '*' } }
  workshop.write('hosts.yaml', JSON.stringify({ hosts: { box } }))
}

const FIRST = ['/usr/xpg4/bin', '/usr/bin', '/bin', '/usr/sbin', '/opt/my-tools/bin']
const pathOf = (folders: string[]) => ['/opt/local/bin', '/opt/local/sbin', ...folders].join(':')
const profile = suite('the PATH of a host')

profile('is the same in builds, services and logins', async () => {
  hosts(FIRST)
  const { code, stdout, stderr } = await workshop.build('box')
  assert.is(code, 0, stdout + stderr)
  assert.is(workshop.read('box', 'opt/local/share/tiny/given'), `${pathOf(FIRST)}\n`)
  assert.is(workshop.read('box', 'var/tmp/seen-service'), `${pathOf(FIRST)}\n`)
  const { stdout: login } = await workshop.login('box', '. /opt/local/etc/profile; echo "$PATH"')
  assert.is(login, pathOf(FIRST))
})

profile('is changed in the profile when hosts.yaml changes, without a build', async () => {
  const second = FIRST.slice(0, -1)
  hosts(second)
  const { code, stdout, stderr } = await workshop.build('box', '--dry-run')
  assert.is(code, 2, stdout + stderr)
  assert.match(stdout, /~ profile 1 {2}update \(files only\)\n.*\n *\/opt\/local\/etc\/profile:/)
  assert.is((await workshop.build('box')).code, 0)
  const { stdout: login } = await workshop.login('box', '. /opt/local/etc/profile; echo "$PATH"')
  assert.is(login, pathOf(second))
  assert.is((await workshop.build('box', '--dry-run')).code, 0)
})

profile('leaves a profile alone that the administrator changed', async () => {
  await workshop.login('box', 'echo "umask 027" >>/opt/local/etc/profile')
  hosts(FIRST)
  const { code, stdout, stderr } = await workshop.build('box')
  assert.is(code, 0, stdout + stderr)
  assert.match(workshop.read('box', 'opt/local/etc/profile') ?? '', 'umask 027')
  assert.match(workshop.read('box', 'opt/local/etc/profile.new') ?? '', '/opt/my-tools')
})

profile('is taken away with its records; what the administrator changed stays', async () => {
  assert.is((await workshop.command('remove', 'box', 'profile')).code, 0)
  assert.match(workshop.read('box', 'opt/local/etc/profile') ?? '', 'umask 027')
  assert.is(workshop.read('box', 'opt/local/var/build-stack/receipts/profile.json'), undefined)
})

profile.after(() => workshop.close())
profile.run()
