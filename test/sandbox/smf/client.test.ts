import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeWorld, manifest, type TestWorld } from './world.ts'

let world: TestWorld

const client = suite('the client in the world')

client.before(async () => {
  world = await makeWorld()
})
client.after(() => world.close())

const installed = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

for (const [name, program, shell] of [
  ['dash', 'dash', ['dash']],
  ['ksh93', 'ksh93', ['ksh93']],
  ['busybox sh', 'busybox', ['busybox', 'sh']],
  ['bash', 'bash', ['bash']],
] as const) {
  const test = async () => {
    const found = await world.run('svcs', ['-H', '-o', 'state,fmri', 'svc:/milestone/network:default'], {
      shell: [...shell],
    })
    assert.equal(found, { code: 0, stdout: 'online         svc:/milestone/network:default\n', stderr: '' })
    const odd = `it's "odd" \\n $(x) * \n\tx  `
    const missing = await world.run('svcs', ['-H', '', odd, 'svc:/milestone/network:default'], {
      shell: [...shell],
    })
    assert.is(missing.code, 1)
    assert.is(
      missing.stderr,
      `svcs: Pattern '' doesn't match any instances\nsvcs: Pattern '${odd}' doesn't match any instances\n`,
    )
    assert.match(missing.stdout, /^online/)
    const script = 'select svc:/milestone/network\nlistprop start/exec\n'
    const read = await world.run('svccfg', ['-f', '-'], { shell: [...shell], stdin: script })
    assert.is(read.stdout, 'start/exec  astring  :true\n')
    const all = await world.run('svcs', ['-a'], { shell: [...shell] })
    assert.ok(all.stdout.split('\n').length > 20)
  }
  if (installed(program))
    client(`arguments, standard input, both outputs and the status pass exactly under ${name}`, test)
  else client.skip(`${name} is not installed here`, test)
}

client('a script from standard input is read only when svccfg asks for one', async () => {
  const { stdout } = await world.run('svccfg', [], { stdin: 'select svc:/milestone/network\nlist\n' })
  assert.is(stdout, ':properties\ndefault\n')
  const { code } = await world.run('svccfg', ['-s', 'svc:/milestone/network', 'listpg'], {
    stdin: 'delete nothing\n',
  })
  assert.is(code, 0)
})

client('many calls at once get their own answers', async () => {
  const names = ['network', 'multi-user', 'single-user', 'name-services', 'devices']
  const calls = Array.from({ length: 40 }, (_, i) => `svc:/milestone/${names[i % names.length]}:default`)
  const answers = await Promise.all(calls.map((fmri) => world.run('svcs', ['-H', '-o', 'fmri', fmri])))
  assert.equal(
    answers.map((a) => a.stdout),
    calls.map((fmri) => `${fmri}\n`),
  )
})

client('nothing is left behind', () =>
  assert.equal(readdirSync(world.path('/system/volatile/smf')).sort(), ['requests', 'server']),
)

client('paths are those of the caller, relative to its folder, links followed inside the world', async () => {
  world.write('/opt/svc/m.xml', manifest('application/relative'))
  const { code, stderr } = await world.run('svccfg', ['import', 'svc/m.xml'], { cwd: '/opt' })
  assert.is(code, 0, stderr)
  const { stdout } = await world.run('svcprop', ['-p', 'manifestfiles', 'relative'])
  assert.is(stdout, 'manifestfiles/opt_svc_m_xml astring /opt/svc/m.xml\n')
})

client('without a server each command says so and ends', async () => {
  writeFileSync(world.path('/system/volatile/smf/server'), '999999999\n')
  for (const [name, text] of [
    ['svcadm', "svcadm: Couldn't bind to configuration repository: repository server unavailable.\n"],
    ['svcs', 'svcs: Could not bind to repository server: repository server unavailable.  Exiting.\n'],
    ['svcprop', 'svcprop: Could not connect to configuration repository: repository server unavailable.\n'],
    ['svccfg', 'svccfg: Could not connect to configuration repository: repository server unavailable.\n'],
  ] as const)
    assert.equal(await world.run(name, ['x']), { code: 1, stdout: '', stderr: text })
  writeFileSync(world.path('/system/volatile/smf/server'), `${process.pid}\n`)
})

client('a shell checker has nothing to say', () => {
  const { stdout, status, error } = spawnSync('shellcheck', ['runner/sandbox/commands/smf-client.sh'])
  if (error) return
  assert.is(status, 0, stdout.toString())
})

client.run()
