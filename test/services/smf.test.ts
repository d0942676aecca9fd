import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { BuildService } from '../../runner/desired/build.ts'
import { smf } from '../../runner/services/smf.ts'
import { manifest } from '../../runner/services/smfManifest.ts'
import { findProgram, shells } from '../host/shells.ts'
import { anyService, context, PLAIN } from './sampleServices.ts'

const test = suite('services/smf')

async function methodOf(service: Partial<BuildService>): Promise<string> {
  const [, method] = await smf.files(context(service))
  return method?.content ?? ''
}

/** The same character references that any XML reader knows. */
function unescaped(text: string): string {
  return text
    .replaceAll(/&#(x?)([0-9A-Fa-f]+);/g, (_, hex, code) =>
      String.fromCodePoint(Number.parseInt(code, hex ? 16 : 10)),
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}

/** Value of the first attribute of that name in an element of that name. */
function attribute(xml: string, element: string, name: string): string | undefined {
  const value = new RegExp(`<${element} [^>]*?\\b${name}="([^"]*)"`).exec(xml)?.[1]
  return value === undefined ? undefined : unescaped(value)
}

test('a manifest has all that SMF needs, in the order of the DTD', () => {
  assert.is(
    manifest(
      context({
        user: 'web',
        group: 'www',
        refresh: ['kill', '-HUP'],
        requires: ['network', 'db/mysql', 'svc:/system/cron:default'],
      }),
    ),
    `<?xml version="1.0"?>
<!DOCTYPE service_bundle SYSTEM "/usr/share/lib/xml/dtd/service_bundle.dtd.1">
<service_bundle type="manifest" name="build-stack-web">
  <service name="application/build-stack/web" type="service" version="1">
    <create_default_instance enabled="false"/>
    <single_instance/>
    <dependency name="requires-1" grouping="require_all" restart_on="error" type="service">
      <service_fmri value="svc:/milestone/network:default"/>
    </dependency>
    <dependency name="requires-2" grouping="require_all" restart_on="error" type="service">
      <service_fmri value="svc:/application/build-stack/mysql:default"/>
    </dependency>
    <dependency name="requires-3" grouping="require_all" restart_on="error" type="service">
      <service_fmri value="svc:/system/cron:default"/>
    </dependency>
    <method_context working_directory="/">
      <method_credential user="web" group="www"/>
    </method_context>
    <exec_method type="method" name="start" exec="/opt/local/svc/method/web start" timeout_seconds="60"/>
    <exec_method type="method" name="stop" exec=":kill" timeout_seconds="30"/>
    <exec_method type="method" name="refresh" exec="/opt/local/svc/method/web refresh" timeout_seconds="60"/>
    <property_group name="startd" type="framework">
      <propval name="duration" type="astring" value="child"/>
    </property_group>
    <property_group name="build-stack" type="application">
      <propval name="recipe" type="astring" value="tool"/>
    </property_group>
    <stability value="Evolving"/>
    <template>
      <common_name>
        <loctext xml:lang="C">Web server</loctext>
      </common_name>
    </template>
  </service>
</service_bundle>
`,
  )
})

test('the template has what the recipe says of itself', () => {
  const one = context()
  const template = (about: { summary: string; homepage?: string }) =>
    /<template>[\s\S]*<\/template>/.exec(manifest({ ...one, build: { ...one.build, about } }))?.[0]
  assert.is(
    template({ summary: 'Serves <pages>', homepage: 'https://web.example.org/?a&b' }),
    `<template>
      <common_name>
        <loctext xml:lang="C">Web server</loctext>
      </common_name>
      <description>
        <loctext xml:lang="C">Serves &lt;pages&gt;</loctext>
      </description>
      <documentation>
        <doc_link name="homepage" uri="https://web.example.org/?a&amp;b"/>
      </documentation>
    </template>`,
  )
  assert.not.match(template({ summary: 'Serves' }) ?? '', 'documentation')
})

test('property groups are the recipe’s, and their values are data', () => {
  const text = manifest(context({ properties: { config: { cores: '2', greeting: '<"&\u0001' } } }))
  assert.match(
    text,
    `    <property_group name="config" type="application">
      <propval name="cores" type="astring" value="2"/>
      <propval name="greeting" type="astring" value="&lt;&quot;&amp;?"/>
    </property_group>
    <stability`,
  )
})

for (const [model, duration, stop] of [
  ['foreground', 'child', ':kill'],
  ['background', 'contract', ':kill'],
  // A service without processes has nothing to kill.
  ['oneshot', 'transient', '/opt/local/svc/method/web stop'],
] as const) {
  test(`${model} is ${duration} for SMF`, () => {
    const text = manifest(context({ model }))
    assert.is(attribute(text, 'propval', 'value'), duration)
    assert.match(text, `name="stop" exec="${stop}"`)
  })
}

test('the words for smf.sh', () => {
  const ready = context({ ready: { port: 80, address: '::1' }, enabled: false })
  const fmri = 'svc:/application/build-stack/web:default'
  assert.is(smf.identifier(ready.service), fmri)
  assert.is(smf.definition(ready.build, ready.service), '/opt/local/svc/manifest/web.xml')
  assert.equal(smf.start(ready), [
    'start',
    fmri,
    '/opt/local/svc/manifest/web.xml',
    'false',
    '60',
    'port',
    '::1',
    '80',
  ])
  assert.equal(smf.start(context()).slice(3), ['true', '60'])
  assert.equal(smf.stop(ready), ['stop', fmri])
  assert.equal(smf.halt(ready), ['halt', fmri])
  assert.equal(smf.undo(ready), ['undo', fmri, '/opt/local/svc/manifest/web.xml'])
})

test('the words for what an administrator asks', () => {
  const fmri = 'svc:/application/build-stack/web:default'
  const web = { ...PLAIN, prefix: '/opt/local', ready: { port: 80, address: '::1' } }
  assert.equal(smf.obey('start', web), ['enable', fmri, '60', 'port', '::1', '80'])
  assert.equal(smf.obey('stop', web), ['disable', fmri])
  assert.equal(smf.obey('restart', web), ['restart', fmri, '60', 'port', '::1', '80'])
  assert.equal(smf.obey('refresh', web), ['refresh', fmri, '60'])
})

test('nothing in a value breaks out of the manifest', () => {
  const odd = `a<b>&"'é]]>\u0001\uffff`
  const text = manifest(context({ summary: odd, directory: `/${odd}`, user: odd }, `/opt/100%{x}'s "b" <c>`))
  const shown = odd.replace('\u0001', '?').replace('\uffff', '?')
  assert.is(unescaped(/<loctext[^>]*>(.*)<\/loctext>/.exec(text)?.[1] ?? ''), shown)
  assert.is(attribute(text, 'method_context', 'working_directory'), `/${shown}`)
  // What SMF makes of "%%", and then the shell of the quotes.
  const exec = attribute(text, 'exec_method', 'exec')?.replaceAll('%%', '%') ?? ''
  const { stdout } = spawnSync('sh', ['-c', `printf '%s|' ${exec}`], { encoding: 'utf8' })
  assert.is(stdout, `/opt/100%{x}'s "b" <c>/svc/method/web|start|`)
})

test('limits and privileges', async () => {
  const service = { user: 'web', limits: { memory: 1048576, files: 64 }, privileges: ['net_privaddr'] }
  assert.match(
    await methodOf(service),
    /\nstart\) ulimit -Sv 1024 \|\| exit 96; ulimit -Sn 64 \|\| exit 96; exec /,
  )
  assert.is(attribute(manifest(context(service)), 'method_credential', 'privileges'), 'basic,net_privaddr')
})

for (const { name, path } of shells) {
  test(`a method sets limits (${name})`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'build-stack-limits-'))
    const command = ['/bin/sh', '-c', 'ulimit -n; ulimit -v']
    writeFileSync(join(folder, 'method'), await methodOf({ command, limits: { memory: 1 << 30, files: 64 } }))
    const { stdout } = spawnSync(path, [join(folder, 'method'), 'start'], { encoding: 'utf8' })
    rmSync(folder, { recursive: true })
    assert.is(stdout, '64\n1048576\n')
  })
}

/** No Bourne shell is packaged; one that somebody built is tried where this names it. */
const bourne = process.env.BUILD_STACK_BOURNE_SHELL
const all = [...shells, ...(bourne ? [{ name: 'Bourne', path: bourne }] : [])]

const ODD = [
  "it's",
  '$(touch HIT)',
  '`touch HIT`',
  'a\nb',
  'back\\slash',
  '!x',
  'ö',
  '',
  '*',
  '^',
  '~',
  '-n',
  ';',
  '%s',
  'A=b',
]

test('a method gives its program the words and variables as they are, under every shell', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'build-stack-method-'))
  try {
    const environment = Object.fromEntries(ODD.map((value, i) => [`V${i}`, value]))
    const print = ['sh', '-c', 'printf "%s\\0" "$@"; env -0', 'sh', ...ODD]
    const path = join(folder, 'method')
    writeFileSync(
      path,
      await methodOf({ environment, command: print, refresh: [...print, 'r'], stop: [...print, 's'] }),
    )
    for (const shell of all) {
      for (const [word, more] of [
        ['start', []],
        ['refresh', ['r']],
        ['stop', ['s']],
      ] as const) {
        const { status, stdout, stderr } = spawnSync(shell.path, [path, word], {
          cwd: folder,
          encoding: 'utf8',
        })
        assert.is(stderr, '', shell.name)
        assert.is(status, 0, shell.name)
        const lines = stdout.split('\0')
        assert.equal(lines.slice(0, ODD.length + more.length), [...ODD, ...more], `${shell.name} ${word}`)
        for (const [name, value] of Object.entries(environment))
          assert.ok(lines.includes(`${name}=${value}`), `${shell.name}: ${name}`)
        assert.ok(lines.includes('PATH=/opt/local/bin:/usr/bin'))
      }
      const other = spawnSync(shell.path, [path, 'dance'], { cwd: folder, encoding: 'utf8' })
      assert.is(other.status, 2)
      assert.match(other.stderr, 'start|stop|refresh')
    }
    assert.equal(readdirSync(folder), ['method'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a refresh that fails is told in the log, and is no failure of the method', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'build-stack-method-'))
  try {
    const path = join(folder, 'method')
    writeFileSync(path, await methodOf({ refresh: ['sh', '-c', 'exit 7'] }))
    for (const shell of all) {
      const { status, stdout } = spawnSync(shell.path, [path, 'refresh'], { encoding: 'utf8' })
      assert.is(stdout, 'refresh failed with exit status 7; the service runs on as it was\n', shell.name)
      assert.is(status, 0, shell.name)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a method without a stop command has nothing to do; the program takes the shell’s place', async () => {
  const plain = await methodOf({ command: ['prog'] })
  assert.match(plain, 'stop) exit 0 ;;')
  assert.match(plain, 'start) exec prog ;;')
  assert.not.match(plain, 'refresh')
})

const checked = findProgram('shellcheck') ? test : test.skip
if (!findProgram('shellcheck')) console.log('  methods are not checked: shellcheck is not installed')

checked('methods are sound for a shell checker, and have nothing that the Bourne shell lacks', async () => {
  for (const service of fc.sample(anyService, { numRuns: 8, seed: 3 })) {
    const method = await methodOf(service)
    // 1003, 2016, 2088 and the like are about text in single quotes, which is data here.
    const { status, stdout } = spawnSync(
      'shellcheck',
      ['-s', 'sh', '-S', 'warning', '-e', 'SC2288,SC2289,SC1112', '-'],
      { input: method, encoding: 'utf8' },
    )
    assert.is(status, 0, stdout)
    const bare = method.replaceAll(/'[^']*'/g, "''").replaceAll(/^#.*$/gm, '')
    for (const pattern of [/\$\(/, /export \w+=/, /(^|\s)!\s/m, /\[ -e/, /\$\{\w+[#%]/, /\[\[/, /\^/, /~/])
      assert.not.match(bare, pattern)
  }
})

test.run()
