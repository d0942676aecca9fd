/** The whole way with a package that builds in a second: install, nothing to do, changes, status, faults. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packTiny, type TinyPackage } from './tinyPackage.ts'
import { Workshop } from './workshop.ts'

const workshop = new Workshop()
const one: TinyPackage = packTiny(workshop.archives, '1.0')
const two: TinyPackage = packTiny(workshop.archives, '2.0')

workshop.write('hosts.yaml', 'hosts:\n  box:\n    address: sandbox\n    recipes:\n      tiny: "*"\n')

interface Recipe {
  version?: string
  configure?: string[]
  patches?: string
  smoke?: string
  more?: string
}

function writeRecipe({ version = '1.0', configure = [], patches = '', smoke = '^tiny', more = '' }: Recipe = {}): void {
  const archive = version === '1.0' ? one : two
  workshop.write(
    'recipes/tiny.yaml',
    [
      'summary: a tiny program',
      'system: autotools',
      `configure: ${JSON.stringify(configure)}`,
      'smoke:',
      '  - command: ["${prefix}/bin/tiny"]',
      `    stdout: ${JSON.stringify(smoke)}`,
      more,
      'versions:',
      `  "${version}":`,
      '    source:',
      `      url: http://127.0.0.1:9/${archive.file}`,
      `      sha256: ${archive.sha256}`,
      patches,
    ].join('\n'),
  )
}

const file = (path: string) => readFileSync(join(workshop.root('box'), 'opt/local', path), 'utf8')

const whole = suite('the whole way')

whole('a dry run before anything is there shows what would be installed, and changes nothing', async () => {
  writeRecipe()
  const { code, stdout } = await workshop.build('box', '--dry-run')
  assert.is(code, 2)
  assert.match(stdout, /\+ tiny 1\.0 {2}install/)
  assert.equal(workshop.prefix('box'), [])
})

whole('a run installs it', async () => {
  const { code, stdout, stderr } = await workshop.build('box')
  assert.is(code, 0, stdout + stderr)
  assert.is(file('share/tiny/arguments'), '--prefix=/opt/local\n')
})

whole('a second run has nothing to do', async () => {
  const before = workshop.prefix('box')
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 0)
  assert.match(stdout, /up to date/)
  assert.equal(workshop.prefix('box'), before)
  assert.is((await workshop.build('box', '--dry-run')).code, 0)
})

whole('a changed flag rebuilds, and the dry run names it', async () => {
  writeRecipe({ configure: ['--with-flag'] })
  const { code, stdout } = await workshop.build('box', '--dry-run')
  assert.is(code, 2)
  assert.match(stdout, /rebuild/)
  assert.match(stdout, /\+ --with-flag/)
  assert.is((await workshop.build('box')).code, 0)
  assert.is(file('share/tiny/arguments'), '--prefix=/opt/local\n--with-flag\n')
})

whole('a patch rebuilds, and is applied', async () => {
  workshop.write('patches/tiny/01-greeting.patch', PATCH)
  writeRecipe({ patches: '    patches: [{ file: tiny/01-greeting.patch }]', smoke: 'patched' })
  const { stdout } = await workshop.build('box', '--dry-run')
  assert.match(stdout, /patch tiny\/01-greeting\.patch/)
  const run = await workshop.build('box')
  assert.is(run.code, 0, run.stdout)
})

whole('another version is an upgrade, an older one a downgrade', async () => {
  writeRecipe({ version: '2.0' })
  assert.match((await workshop.build('box', '--dry-run')).stdout, /tiny 1\.0 -> 2\.0 {2}upgrade/)
  assert.is((await workshop.build('box')).code, 0)
  writeRecipe()
  assert.match((await workshop.build('box', '--dry-run')).stdout, /tiny 2\.0 -> 1\.0 {2}downgrade/)
  assert.is((await workshop.build('box')).code, 0)
})

whole('values reach configure as they are', async () => {
  const words = ['a b', 'it\'s "so"', '$(touch /tmp/build-stack-was-here)', '`id`', 'x\ny', '\\n;|&<>*?[a]{b}~!', 'naïve']
  writeRecipe({ configure: words, more: `env: { TINY_VALUE: ${JSON.stringify(words.join(' '))} }` })
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 0, stdout)
  assert.is(file('share/tiny/arguments'), `--prefix=/opt/local\n${words.join('\n')}\n`)
  assert.is(file('share/tiny/value'), `${words.join(' ')}\n`)
})

whole('status shows what is there', async () => {
  const { code, stdout } = await workshop.command('status', 'box')
  assert.is(code, 0)
  assert.match(stdout, /tiny +1\.0/)
})

const PATCH = `--- tiny-1.0/tiny.c
+++ tiny-1.0/tiny.c
@@ -5,5 +5,5 @@
   if (argc > 1 && !strcmp(argv[1], "--serve")) for (;;) sleep(3600);
   if (argc > 1 && !strcmp(argv[1], "--die")) return 1;
-  puts("tiny 1.0");
+  puts("tiny 1.0 patched");
   return 0;
 }
`

const faults = suite('a fault leaves the prefix as it was')

const failing: [string, Recipe, RegExp[]][] = [
  ['configure fails', { configure: ['--fail'] }, [/configure failed \(exit code 77\)/, /no luck/]],
  [
    'a patch does not apply',
    { configure: ['--patch'], patches: '    patches: [{ file: tiny/02-wrong.patch }]' },
    [/patch 02-wrong\.patch does not apply/, /tiny\.c\.rej/, /hunk @@/],
  ],
  [
    'a patch is applied already',
    { patches: '    patches: [{ file: tiny/01-greeting.patch }, { file: tiny/03-again.patch }]' },
    [/applied already/],
  ],
  ['the smoke test fails in the stage', { smoke: 'something else' }, [/test in the stage failed/, /does not match/]],
]

for (const [name, recipe, texts] of failing) {
  faults(name, async () => {
    workshop.write('patches/tiny/02-wrong.patch', PATCH.replace('-  puts("tiny 1.0");', '-  puts("other");'))
    workshop.write('patches/tiny/03-again.patch', PATCH)
    const before = workshop.prefix('box')
    writeRecipe(recipe)
    const { code, stdout, stderr } = await workshop.build('box')
    assert.is(code, 1, stdout)
    for (const text of texts) assert.match(stdout + stderr, text)
    assert.equal(workshop.prefix('box'), before)
  })
}

faults('make fails', async () => {
  const before = workshop.prefix('box')
  const broken = packTiny(workshop.archives, '1.0', { 'tiny.c': () => 'int main(void) { return nothing; }\n' })
  workshop.write('recipes/tiny.yaml', recipeOf(broken.file, broken.sha256))
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 1)
  assert.match(stdout, /build failed/)
  assert.match(stdout, /'nothing' undeclared/)
  assert.equal(workshop.prefix('box'), before)
  packTiny(workshop.archives, '1.0')
})

faults('the checksum is wrong', async () => {
  const before = workshop.prefix('box')
  workshop.write('recipes/tiny.yaml', recipeOf(one.file, 'ab'.repeat(32)))
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 66)
  assert.match(stdout, /abab/)
  assert.equal(workshop.prefix('box'), before)
})

faults('files of nobody are in the way', async () => {
  const { writeFileSync } = await import('node:fs')
  const stranger = join(workshop.root('box'), 'opt/local/bin/stranger')
  writeFileSync(stranger, 'mine\n')
  const before = workshop.prefix('box')
  const archive = packTiny(workshop.archives, '3.0', {
    'Makefile.in': (text) => `${text}\tcp tiny $(DESTDIR)$(prefix)/bin/stranger\n`,
  })
  workshop.write('recipes/tiny.yaml', recipeOf(archive.file, archive.sha256, '3.0'))
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 1)
  assert.match(stdout, /bin\/stranger is there and belongs to nobody/)
  assert.equal(workshop.prefix('box'), before)
})

function recipeOf(file: string, sha256: string, version = '1.0'): string {
  return [
    'summary: a tiny program',
    'system: autotools',
    'versions:',
    `  "${version}":`,
    `    source: { url: "http://127.0.0.1:9/${file}", sha256: ${sha256} }`,
    '',
  ].join('\n')
}

whole.run()
faults.after(() => workshop.close())
faults.run()
