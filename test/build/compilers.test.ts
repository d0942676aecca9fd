import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { missingTools } from '../../runner/build/tools.ts'
import { hosts, recipe } from '../config/project.ts'
import { builtFrom, type Files, sampleFacts } from '../plan/planned.ts'
import { contextOf, jobOf, textOf } from './jobs.ts'

const test = suite('build/compilers')

const MAKE = 'GNU Make 4.3'
const TOOLS = ['gcc', 'g++', 'gmake', 'digest', 'gzip', 'ccache', 'distcc']
const tools = Object.fromEntries(TOOLS.map((name) => [name, `/usr/bin/${name}`]))
const FACTS = sampleFacts({ make: MAKE, cpus: 2, tools })

/** server1 with these settings, and a recipe with these fields. */
const files = (settings = '', fields = ''): Files => ({
  'hosts.yaml': hosts({ tool: '1.0' }).replace('    address:', `${settings}    address:`),
  'recipes/tool.yaml': recipe(fields),
})
const CCACHE = '    ccache: true\n'
const FARM = '    distcc: [strong/3, "10.0.0.7:3633/4,lzo"]\n'

async function made(settings: string, fields = '', facts = FACTS) {
  const job = await jobOf('tool', files(settings, fields), { facts })
  const text = (title: string) =>
    textOf(job, `steps/${job.steps.find((one) => one.title === title)?.name}.sh`)
  const variable = (title: string, name: string) =>
    new RegExp(`^${name}=(.*); export ${name}$`, 'm').exec(text(title))?.[1]
  return { job, text, variable }
}

test('ccache: links in front of the PATH, and a cache outside of the build folder', async () => {
  const { text, variable } = await made(CCACHE)
  for (const title of ['configure', 'build', 'stage']) {
    assert.match(
      text(title),
      /lib\/compilers\.sh" \/var\/tmp\/build-stack\/compilers\/ccache \/usr\/bin\/ccache gcc g\+\+/,
    )
    assert.match(
      variable(title, 'PATH') ?? '',
      /^\/var\/tmp\/build-stack\/compilers\/ccache:\/opt\/local\/bin:/,
    )
    assert.is(variable(title, 'CCACHE_DIR'), '/var/tmp/build-stack/ccache')
    for (const name of ['CCACHE_PREFIX', 'CCACHE_MAXSIZE', 'DISTCC_HOSTS'])
      assert.is(variable(title, name), undefined)
  }
})

test('a folder and a size of its own', async () => {
  const { variable } = await made('    ccache: { folder: /srv/ccache, size: 20G }\n')
  assert.is(variable('build', 'CCACHE_DIR'), '/srv/ccache')
  assert.is(variable('build', 'CCACHE_MAXSIZE'), '20G')
})

test('a recipe’s own folders come before the compilers that ccache finds, and after the links', async () => {
  const { variable } = await made(CCACHE, 'path: [/opt/gcc4/bin]\n')
  assert.match(
    variable('build', 'PATH') ?? '',
    /^\/var\/tmp\/build-stack\/compilers\/ccache:\/opt\/gcc4\/bin:/,
  )
})

test('distcc: other hosts compile in the build step, and this one does the rest', async () => {
  const { job, variable } = await made(FARM)
  assert.is(variable('configure', 'DISTCC_HOSTS'), 'localhost')
  assert.is(variable('build', 'DISTCC_HOSTS'), "'strong/3 10.0.0.7:3633/4,lzo localhost/2'")
  assert.is(variable('stage', 'DISTCC_HOSTS'), 'localhost')
  assert.is(variable('build', 'DISTCC_DIR'), '/var/tmp/build-stack/distcc')
  assert.match(variable('build', 'PATH') ?? '', /^\/var\/tmp\/build-stack\/compilers\/distcc:/)
  assert.match(textOf(job, 'env.sh'), /^BUILD_STACK_CPUS=9;/m)
  assert.match(textOf(job, 'parallel'), /^\d+-build$/m)
})

test('both: what ccache does not have is compiled by distcc, in the build step', async () => {
  const { variable } = await made(CCACHE + FARM)
  assert.match(variable('build', 'PATH') ?? '', /^\/var\/tmp\/build-stack\/compilers\/ccache:/)
  assert.is(variable('build', 'CCACHE_PREFIX'), 'distcc')
  assert.is(variable('configure', 'CCACHE_PREFIX'), undefined)
})

test('without a jobserver make gets the cpus of the other hosts as a number', async () => {
  const { make: _, ...without } = FACTS
  const { text } = await made(FARM, '', without)
  assert.match(text('build'), /^gmake -j9 /m)
})

test('a recipe that does not build with one of them goes without it', async () => {
  const uncached = await made(CCACHE + FARM, 'ccache: false\n')
  assert.is(uncached.variable('build', 'CCACHE_DIR'), undefined)
  assert.match(uncached.variable('build', 'PATH') ?? '', /^\/var\/tmp\/build-stack\/compilers\/distcc:/)
  const near = await made(CCACHE + FARM, 'distcc: false\n')
  assert.is(near.variable('build', 'CCACHE_PREFIX'), undefined)
  // The host's jobserver gives out the cpus of the farm, too.
  assert.match(near.text('build'), /^gmake -j2 /m)
  assert.is(textOf(near.job, 'parallel'), '')
  const bare = await made(CCACHE + FARM, 'ccache: false\ndistcc: false\n')
  assert.is(bare.variable('build', 'PATH'), undefined)
  assert.not.match(bare.text('build'), /compilers\.sh/)
})

test('settings of defaults and groups, and a host that says otherwise', async () => {
  const of = async (own: string) => {
    const one = files(own)
    one['hosts.yaml'] = `defaults: { ccache: true, distcc: [strong/8] }\n${one['hosts.yaml']}`
    return (await contextOf(one, FACTS)).host
  }
  assert.is((await of('')).ccache, true)
  assert.equal((await of('')).distcc, ['strong/8'])
  const own = await of('    ccache: false\n    distcc: []\n')
  assert.is(own.ccache, false)
  assert.equal(own.distcc, [])
})

test('no fingerprint knows of them', async () => {
  const [plain] = await builtFrom(files(), FACTS)
  for (const other of [
    files(CCACHE + FARM),
    files('', 'ccache: false\n'),
    files(CCACHE, 'distcc: false\n'),
  ]) {
    const [build] = await builtFrom(other, FACTS)
    assert.is(build?.fingerprint, plain?.fingerprint)
  }
})

test('a build goes on when the farm or the size of the cache has changed, and not when it is turned on', async () => {
  const keyed = async (settings: string) => textOf((await made(settings)).job, 'keyed')
  assert.is(await keyed(CCACHE + FARM), await keyed('    ccache: { size: 1G }\n    distcc: [weak/1]\n'))
  assert.is.not(await keyed(CCACHE), await keyed(''))
})

test('a host without them is told so, with the command that installs them', async () => {
  const { ccache: _, distcc: __, ...rest } = tools
  const facts = sampleFacts({ ...FACTS, tools: rest })
  const { host } = await contextOf(files(CCACHE + FARM), facts)
  const of = async (fields: string) =>
    missingTools(await builtFrom(files(CCACHE + FARM, fields), facts), facts, host)
  const error = await of('')
  assert.is(error?.code, 'PREREQUISITE')
  assert.is(
    error?.message,
    'the host lacks ccache, which hosts.yaml has builds use (for tool), distcc, which hosts.yaml has builds use (for tool)',
  )
  assert.is(error?.context.next, 'install it, as root: pkgin install ccache distcc')
  assert.is(await of('ccache: false\ndistcc: false\n'), undefined)
})

test.run()
