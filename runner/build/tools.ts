/** Which of a host's programs a build uses, and which it must have. Pure. */
import type { Host } from '../config/hosts.ts'
import type { PackageSource } from '../config/recipe.ts'
import type { Build } from '../desired/build.ts'
import { BuildStackError } from '../errors.ts'
import type { Facts } from '../probe/facts.ts'
import { type Wrapper, wrappersOf } from './compilers.ts'
import { buildSystems } from './systems/index.ts'
import { type PackageManager, PROGRAMS } from './systems/package.ts'

type Tools = Facts['tools']

/** GNU make: gmake where it has that name. Solaris' own make reads few of today's Makefiles. */
export function gnuMake(tools: Tools): string {
  return tools.gmake ? 'gmake' : 'make'
}

/** Words of the command that prints a checksum with the file's name. */
export function sha256Command(tools: Tools): string {
  if (tools.sha256sum) return 'sha256sum'
  return tools.digest ? 'digest -v -a sha256' : 'openssl dgst -sha256'
}

/** What any of several programs can do. */
interface Need {
  name: string
  anyOf: string[]
  /** Package that has it, by package manager. */
  packages: Partial<Record<NonNullable<Facts['packageManager']>, string>>
}

const compiler: Need = {
  name: 'a C compiler',
  anyOf: ['gcc', 'cc', 'clang'],
  packages: {
    apt: 'gcc libc6-dev',
    pkgin: 'gcc13',
    ips: 'developer/gcc-13',
    pkgutil: 'gcc4core',
    'pkg-get': 'gcc4core',
  },
}
const make: Need = {
  name: 'GNU make',
  anyOf: ['gmake', 'make'],
  packages: {
    apt: 'make',
    pkgin: 'gmake',
    ips: 'developer/build/gnu-make',
    pkgutil: 'gmake',
    'pkg-get': 'gmake',
  },
}
const cxx: Need = {
  name: 'a C++ compiler',
  anyOf: ['g++', 'c++'],
  packages: {
    apt: 'g++',
    pkgin: 'gcc13',
    ips: 'developer/gcc-13',
    pkgutil: 'gcc4g++',
    'pkg-get': 'gcc4g++',
  },
}
const perl: Need = {
  name: 'Perl',
  anyOf: ['perl'],
  packages: { apt: 'perl', pkgin: 'perl', ips: 'runtime/perl', pkgutil: 'perl', 'pkg-get': 'perl' },
}
const cmake: Need = {
  name: 'CMake',
  anyOf: ['cmake'],
  packages: { apt: 'cmake', pkgin: 'cmake', ips: 'ooce/developer/cmake', pkgutil: 'cmake' },
}
/** What build systems and recipes call tools; another name stands for itself. */
const named: Record<string, Need> = {
  ...{ cc: compiler, 'c++': cxx, make, perl, cmake },
  autoreconf: { name: 'autoconf', anyOf: ['autoreconf'], packages: sameEverywhere('autoconf') },
  automake: { name: 'automake', anyOf: ['automake'], packages: sameEverywhere('automake') },
  libtoolize: { name: 'libtool', anyOf: ['libtoolize'], packages: sameEverywhere('libtool') },
}

function sameEverywhere(name: string): Need['packages'] {
  return { apt: name, pkgin: name, ips: `developer/build/${name}`, pkgutil: name, 'pkg-get': name }
}

const wrappers: Record<Wrapper, Need> = {
  ccache: wrapper('ccache'),
  distcc: wrapper('distcc'),
}

function wrapper(name: Wrapper): Need {
  return {
    name: `${name}, which hosts.yaml has builds use`,
    anyOf: [name],
    packages: { apt: name, pkgin: name, pkgutil: name },
  }
}

const patch: Need = {
  name: 'patch',
  anyOf: ['gpatch', 'patch'],
  packages: { apt: 'patch', pkgin: 'patch', ips: 'text/gnu-patch', pkgutil: 'gpatch', 'pkg-get': 'gpatch' },
}
const checksum: Need = {
  name: 'a program for SHA-256 checksums',
  anyOf: ['sha256sum', 'digest', 'openssl'],
  packages: {
    apt: 'coreutils',
    pkgin: 'coreutils',
    ips: 'file/gnu-coreutils',
    pkgutil: 'coreutils',
    'pkg-get': 'coreutils',
  },
}
const unpackers: Record<string, Need> = Object.fromEntries(
  ['gzip', 'bzip2', 'xz'].map((name) => [
    name,
    { name, anyOf: [name], packages: { apt: name === 'xz' ? 'xz-utils' : name } },
  ]),
)

const installers: Record<NonNullable<Facts['packageManager']>, string> = {
  apt: 'apt-get install',
  pkgin: 'pkgin install',
  ips: 'pkg install',
  pkgutil: 'pkgutil -i',
  'pkg-get': 'pkg-get -i',
}

function needsOf(build: Build, host: Host): Need[] {
  if ('packages' in build.source) return [managerOf(build.source)]
  if ('none' in build.source) return []
  const file = 'url' in build.source ? (build.source.file ?? build.source.url) : '.gz'
  const unpacker = /\.(tgz|gz)$/.test(file)
    ? 'gzip'
    : /bz2$/.test(file)
      ? 'bzip2'
      : /xz$/.test(file)
        ? 'xz'
        : ''
  const others = [...buildSystems[build.system].tools, ...build.tools]
  return [
    checksum,
    ...(build.patches.length > 0 ? [patch] : []),
    ...(unpackers[unpacker] ? [unpackers[unpacker]] : []),
    ...wrappersOf(build, host).map((name) => wrappers[name]),
    ...others.map((name) => named[name] ?? { name, anyOf: [name], packages: {} }),
  ]
}

/** One of the package managers that the recipe has a package for. */
function managerOf({ packages }: PackageSource): Need {
  const programs = Object.keys(packages).map((manager) => PROGRAMS[manager as PackageManager])
  return { name: `a package manager of ${programs.join(', ')}`, anyOf: programs, packages: {} }
}

/**
 * What the builds need and the host lacks, as one error that names all of it and the command that installs it.
 * Undefined when nothing is missing.
 */
export function missingTools(
  builds: readonly Build[],
  facts: Facts,
  host: Host,
): BuildStackError | undefined {
  const missing = new Map<string, { need: Need; recipes: string[] }>()
  for (const build of builds) {
    for (const need of needsOf(build, host)) {
      if (need.anyOf.some((name) => facts.tools[name])) continue
      const entry = missing.get(need.name) ?? { need, recipes: [] }
      entry.recipes.push(build.recipe)
      missing.set(need.name, entry)
    }
  }
  if (missing.size === 0) return undefined
  const list = [...missing.values()]
  const text = list.map(({ need, recipes }) => `${need.name} (for ${recipes.join(', ')})`).join(', ')
  // A sandbox has the commands of Solaris beside those of the machine that it is made of, and the programs of that one.
  const manager = facts.os === 'Linux' && facts.tools['apt-get'] ? 'apt' : facts.packageManager
  const packages = list.map(({ need }) => (manager && need.packages[manager]) ?? need.anyOf[0])
  return new BuildStackError('PREREQUISITE', `the host lacks ${text}`, {
    host: host.name,
    next: manager ? `install it, as root: ${installers[manager]} ${packages.join(' ')}` : 'install it there',
  })
}
