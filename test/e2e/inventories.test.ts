/** Hosts that other programs know: from ~/.ssh/config and an Ansible inventory, chosen by groups and patterns. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { unless } from '../unless.ts'
import { onTerminal, SCRIPT, shownLine } from './terminal.ts'
import { packTiny, tinyRecipe } from './tinyPackage.ts'
import { Workshop } from './workshop.ts'

const workshop = new Workshop()
const inventories = suite('inventories')

const HOSTS = `
inventories:
  - { ssh_config: true, pattern: "web*" }
  - { ansible: inventory/hosts.ini }
groups:
  web: { hosts: ["web*"], recipes: { tiny: "*" } }
  database: { recipes: { tiny: "*" }, prefix: /opt/database }
defaults: { work: /var/tmp/all }
hosts:
  web2: { prefix: /opt/second, work: /var/tmp/second }
`

inventories.before(async () => {
  workshop.write('recipes/tiny.yaml', tinyRecipe(packTiny(workshop.archives, '1.0')))
  workshop.write('hosts.yaml', 'hosts: { box: { address: sandbox } }\n')
  const { code, stderr } = await workshop.command('sandbox', 'start', 'box')
  assert.is(code, 0, stderr)
  const { port, identityFile, knownHostsFile } = workshop.endpoint('box')
  workshop.writeHome('.ssh/known_hosts', readFileSync(knownHostsFile, 'utf8'))
  const ssh = `Host web1 web2\n  HostName 127.0.0.1\n  Port ${port}\n  User root\n  IdentityFile ${identityFile}\n`
  workshop.writeHome('.ssh/config', `${ssh}Host elsewhere\n`)
  workshop.write(
    'inventory/hosts.ini',
    `[database]\ndb[1:2] ansible_host=127.0.0.1\n[database:vars]\nansible_port=${port}\n` +
      `ansible_user=root\nansible_ssh_private_key_file=${identityFile}\n[spare]\ndb2\n`,
  )
  workshop.write('hosts.yaml', HOSTS)
})
inventories.after(() => workshop.close())

const installed = (prefix: string) => existsSync(join(workshop.root('box'), prefix, 'bin/tiny'))

inventories('the check counts them', async () => {
  const { code, stdout, stderr } = await workshop.command('check')
  assert.is(code, 0, stderr)
  assert.match(stdout, /4 hosts/)
})

inventories('a dry run for all of them needs no question', async () => {
  const { code, stdout } = await workshop.build('all', '--dry-run')
  assert.is(code, 2, stdout)
  for (const host of ['web1', 'web2', 'db1', 'db2']) assert.match(stdout, host)
})

inventories('a run for all of them is refused without a terminal', async () => {
  for (const words of [['all'], ['*'], ['@web', '@database']]) {
    const { code, stderr } = await workshop.build(...words)
    assert.is(code, 64)
    assert.match(
      stderr,
      /this run would be for all 4 hosts \(web2, web1, db1, db2\), and there is no terminal/,
    )
    assert.match(stderr, /--yes/)
  }
  assert.not.ok(installed('opt/local'))
})

inventories('a group without one of its hosts, over the Ansible inventory', async () => {
  const { code, stdout, stderr } = await workshop.build('@database', '!@spare')
  assert.is(code, 0, stdout + stderr)
  assert.match(stdout, /db1/)
  assert.not.match(stdout, /db2/)
  assert.ok(installed('opt/database'))
})

inventories('a pattern, over ~/.ssh/config, with what hosts.yaml says of one of them', async () => {
  const { code, stdout, stderr } = await workshop.build('web?', '!web1')
  assert.is(code, 0, stdout + stderr)
  assert.ok(installed('opt/second'))
  assert.not.ok(installed('opt/local'))
})

inventories('with --yes it is for all of them', async () => {
  const { code, stdout, stderr } = await workshop.build('all', '--yes')
  assert.is(code, 0, stdout + stderr)
  assert.ok(installed('opt/local'))
})

const noTerminal = existsSync(SCRIPT) ? undefined : `there is no ${SCRIPT} here`
unless(noTerminal, inventories)('on a terminal it is a question', async () => {
  const question = /Go on\? \(yes\/no\) /
  const no = await onTerminal(workshop, ['all'], question, ['no'])
  assert.is(no.code, 130, no.output)
  assert.match(
    shownLine(no.output, question),
    /This run is for all 4 hosts \(web2, web1, db1, db2\)\. Go on\?/,
  )
  assert.match(no.output, /not run: the answer was no/)
  const yes = await onTerminal(workshop, ['all'], question, ['yes'])
  assert.is(yes.code, 0, yes.output)
  assert.is((await onTerminal(workshop, ['web1', 'web2', 'db1', 'db2'], question, [])).prompts, 0)
})

inventories('a word that fits nothing is told with what is near', async () => {
  const { code, stderr } = await workshop.build('@databse')
  assert.is(code, 64)
  assert.match(stderr, /no host is in a group or has a role "databse"; did you mean "database"\?/)
})

inventories.run()
