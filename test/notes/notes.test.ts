/**
 * The notes' own two machines, planned against a pretended OpenSolaris host of 2007. Every command of the notes has the line
 * that runs in its place, with the same words, environment, folder and order, and no step of a build runs anything else. Every
 * line of the notes' part about these machines is accounted for.
 *
 * Differences, all of them meant:
 * - gmake for make: Sun's make came first on the notes' PATH, and what they built needs GNU's;
 * - DESTDIR: installed into a stage, then put in place as root, for "sudo make install", rsync and cp;
 * - patch.sh, which runs gpatch, without fuzz; the texts of the notes' own patches are lost, and their names with them;
 * - LD_RUN_PATH, for what the notes' flags leave without a runtime path, which the linking check would refuse;
 * - PYTHON, which this program's build system for setup.py reads, and mysql/bin earlier on the PATH for mysql_config;
 * - mod_python's --prefix, which that build system always says and this configure ignores;
 * - the configuration that httpd brings goes to conf.dist, so that an upgrade leaves the administrator's alone;
 * - mysql_install_db says the account that the databases belong to, since it runs as root.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageRoot } from '../../runner/paths.ts'
import { type PlannedRecipe, plan } from './accelerator.ts'

const NOTES = join(packageRoot, '../shared/seed/notes-2007.txt')

const PATH =
  '/opt/local/bin:/opt/local/sbin:/usr/xpg4/bin:/usr/bin:/usr/sbin:/usr/sfw/bin:/usr/ccs/bin:/opt/csw/bin:/opt/csw/sbin:/opt/csw/gnu:/opt/csw/gcc3/bin:/opt/local/apache2/sbin:/opt/local/apache2/bin:/opt/local/mysql/bin'

interface Building {
  /** The folder that the notes go into: that of the archive. */
  folder: string
  /** What every step of the build has in its environment besides PATH; from the notes, or one of the differences. */
  environment: string[]
  /** The notes' commands, and the steps that run in their place with the one line that each runs. */
  commands: [says: string, ...does: [title: string, line: string][]][]
}

const install: [string, string][] = [
  ['stage', 'gmake install DESTDIR=STAGE'],
  ['prepare', 'switch.sh prepare STAGE/opt/local /opt/local NAME'],
  ['install', 'switch.sh switch /opt/local NAME'],
]

/** In the notes' order. */
const web: Record<string, Building> = {
  python: {
    folder: 'Python-2.5.1',
    environment: ['LD_RUN_PATH=/opt/local/lib'],
    commands: [
      [
        'gpatch -p1 < ../Python-2.5.1.patch',
        ['patch 01-sunos-5.11.patch', 'patch.sh JOB/patches/1/01-sunos-5.11.patch 1 0'],
      ],
      [
        './configure --enable-shared --prefix=/opt/local',
        ['configure', './configure --enable-shared --prefix=/opt/local'],
      ],
      ['make', ['build', 'gmake']],
      ['sudo make install', ...install],
    ],
  },
  openssl: {
    folder: 'openssl-0.9.7m',
    environment: [],
    commands: [
      [
        './Configure --prefix=/opt/local --openssldir=/opt/local/openssl solaris-x86-gcc',
        ['configure', './Configure --prefix=/opt/local --openssldir=/opt/local/openssl solaris-x86-gcc'],
      ],
      [
        'gpatch -p1 < ../openssl-0.9.7m.patch',
        ['patch 01-no-m486.patch', 'patch.sh JOB/patches/1/01-no-m486.patch 1 0'],
      ],
      ['make', ['build', 'gmake']],
      [
        'sudo make install',
        ['stage', 'gmake install DESTDIR=STAGE INSTALL_PREFIX=STAGE'],
        ['prepare', 'switch.sh prepare STAGE/opt/local /opt/local NAME'],
        ['install', 'switch.sh switch /opt/local NAME'],
      ],
    ],
  },
  mysql: {
    folder: 'mysql-5.0.45',
    environment: ['CFLAGS=-O3', 'CXX=gcc', "CXXFLAGS='-O3 -felide-constructors -fno-exceptions -fno-rtti'"],
    commands: [
      [
        'CFLAGS="-O3" CXX=gcc CXXFLAGS="-O3 -felide-constructors -fno-exceptions -fno-rtti" ./configure --prefix=/opt/local/mysql --enable-assembler --with-yassl',
        ['configure', './configure --prefix=/opt/local/mysql --enable-assembler --with-yassl'],
      ],
      ['make', ['build', 'gmake']],
      ['sudo make install', ...install],
    ],
  },
  'mysql-python': {
    folder: 'MySQL-python-1.2.2',
    environment: [
      `PATH=/opt/local/mysql/bin:${PATH}`,
      'PYTHON=python',
      'LD_LIBRARY_CONFIG=/opt/local/mysql/lib',
      'LDFLAGS=-L/opt/local/lib',
    ],
    commands: [
      [
        'gpatch -p1 < ../MySQL-python-1.2.2.patch1',
        ['patch 01-distutils.patch', 'patch.sh JOB/patches/1/01-distutils.patch 1 0'],
      ],
      [
        'gpatch -p1 < ../MySQL-python-1.2.2.patch2',
        ['patch 02-runtime-path.patch', 'patch.sh JOB/patches/2/02-runtime-path.patch 1 0'],
      ],
      [
        'LD_LIBRARY_CONFIG=/opt/local/mysql/lib LDFLAGS="-L/opt/local/lib" python setup.py build',
        ['build', 'python setup.py build'],
      ],
      [
        'sudo rsync -aP build/lib.solaris-2.11-i86pc-2.5/ /opt/local/lib/python2.5/site-packages/',
        // The script finds the platform's tag: it is another on each host.
        ['stage', 'distutils-stage.sh python STAGE'],
        ['prepare', 'switch.sh prepare STAGE/opt/local /opt/local NAME'],
        ['install', 'switch.sh switch /opt/local NAME'],
      ],
    ],
  },
  apache: {
    folder: 'httpd-2.2.6',
    environment: ['LD_RUN_PATH=/opt/local/lib:/opt/local/apache2/lib'],
    commands: [
      [
        './configure --prefix=/opt/local/apache2 --enable-mods-shared=all --enable-ssl',
        ['configure', './configure --prefix=/opt/local/apache2 --enable-mods-shared=all --enable-ssl'],
      ],
      ['make', ['build', 'gmake']],
      [
        'sudo make install',
        ['stage', 'gmake install sysconfdir=/opt/local/apache2/conf.dist DESTDIR=STAGE'],
        ['prepare', 'switch.sh prepare STAGE/opt/local /opt/local NAME'],
        ['install', 'switch.sh switch /opt/local NAME'],
      ],
    ],
  },
  mod_python: {
    folder: 'mod_python-3.3.1',
    environment: ['LD_RUN_PATH=/opt/local/lib'],
    commands: [
      [
        './configure --with-apxs=/opt/local/apache2/bin/apxs --with-python=/opt/local/bin/python',
        [
          'configure',
          './configure --prefix=/opt/local --with-apxs=/opt/local/apache2/bin/apxs --with-python=/opt/local/bin/python',
        ],
      ],
      ['make', ['build', 'gmake']],
      ['sudo make install', ...install],
    ],
  },
  memcached: {
    folder: '',
    environment: [],
    commands: [
      [
        'pkg-get -i memcached',
        ['install package', 'package.sh pkg-get memcached'],
        // The package's files are the package manager's: an empty stage.
        ['stage', 'mkdir -p STAGE/opt/local'],
        ['prepare', 'switch.sh prepare STAGE/opt/local /opt/local NAME'],
        ['install', 'switch.sh switch /opt/local NAME'],
      ],
    ],
  },
  'python-memcached': {
    folder: 'python-memcached-1.40',
    environment: ['PYTHON=python'],
    commands: [
      ['python setup.py build', ['build', 'python setup.py build']],
      [
        'sudo cp build/lib/memcache.py /opt/local/lib/python2.5/site-packages/',
        ['stage', 'distutils-stage.sh python STAGE'],
        ['prepare', 'switch.sh prepare STAGE/opt/local /opt/local NAME'],
        ['install', 'switch.sh switch /opt/local NAME'],
      ],
    ],
  },
}

/** Lines of the notes that are no part of a build, with what they become. */
const elsewhere: Record<string, (planned: Planned) => void> = {
  [`export PATH=${PATH}`]: ({ web, database }) => {
    for (const [name, { environment, services }] of [...web, ...database]) {
      assert.match(environment, `PATH=${PATH}; export PATH\n`)
      const method = services[`/opt/local/svc/method/${name}`]
      if (method) assert.match(method, `PATH=${PATH}; export PATH\n`)
    }
  },
  'sudo mysql_install_db # Only on Server2; probably not necessary for upgrades': ({ web, database }) => {
    const line = 'setup.sh /opt/local/mysql/var/mysql /opt/local/mysql/bin/mysql_install_db --user=mysql'
    assert.equal(step(database, 'mysql', 'databases'), line)
    assert.not.ok(JSON.stringify(web.get('mysql')?.steps).includes('mysql_install_db'))
  },
  'mysql:x:100:100::/opt/local/mysql:/bin/false': ({ web, database }) => {
    const line = "account.sh mysql 100 mysql 100 /opt/local/mysql /bin/false ''"
    assert.equal(step(database, 'mysql', 'account mysql'), line)
    assert.is(step(web, 'mysql', 'account mysql'), '')
  },
  'SSL certs are in /opt/local/mysql/certs.': ({ database }) =>
    assert.equal(
      step(database, 'mysql', 'folder of certificates'),
      'setup.sh /opt/local/mysql/certs mkdir -p /opt/local/mysql/certs',
    ),
  'Config is at /etc/my.cnf; databases and logs are in /opt/local/mysql/var.': ({ database }) => {
    const file = database.get('mysql')?.files['/etc/my.cnf'] ?? ''
    assert.match(file, 'datadir = /opt/local/mysql/var\n')
    assert.match(file, 'log-error = /opt/local/mysql/var/')
  },
  'sudo mv /opt/csw/apache /opt/csw/apache2.disabled': ({ web }) => {
    const line = step(web, 'apache', "Blastwave's Apache out of the way")
    assert.match(line, 'setup.sh /opt/csw/apache2.disabled sh -c ')
    assert.match(line, ' sh /opt/csw /opt/csw/apache2.disabled')
  },
  'Config is in /opt/local/apache2/conf/httpd.conf': ({ web }) =>
    assert.ok(web.get('apache')?.files['/opt/local/apache2/conf/httpd.conf']),
  'Added /opt/local/lib/python2.5/site-packages/tetriad.pth:': ({ web }) =>
    assert.equal(Object.keys(web.get('django')?.files ?? {}), [
      '/opt/local/lib/python2.5/site-packages/tetriad.pth',
    ]),
  '/home/code': ({ web }) => assert.equal(Object.values(web.get('django')?.files ?? {}), ['/home/code\n']),
  'Django svn checkout is at /home/code/django. /home/code/network/settings.py shows how I connected to MySQL:':
    ({ web }) => {
      assert.equal(step(web, 'django', 'stage'), 'copy-stage.sh STAGE/opt/local django code/django')
      assert.equal(step(web, 'django', '/home/code'), 'setup.sh /home/code ln -s /opt/local/code /home/code')
    },
  'Copies of the manifests are in /opt/local/svc/manifest. Methods called by the manifests are in /opt/local/svc/method.':
    ({ web, database }) => {
      for (const [planned, name] of [
        [web, 'apache'],
        [web, 'memcached'],
        [database, 'mysql'],
      ] as const) {
        const paths = Object.keys(planned.get(name)?.services ?? {})
        assert.ok(paths.includes(`/opt/local/svc/manifest/${name}.xml`), paths.join())
        assert.ok(paths.includes(`/opt/local/svc/method/${name}`), paths.join())
      }
    },
}

/** Lines that tell of the machines and ask for nothing; the settings are the application's. */
const told = [
  /^There have been a couple of excellent guides/,
  /^These are the notes I took during a recent install of Django/,
  /^All source was downloaded to \/home\/admin\/src, and everything was installed to \/opt\/local\./,
  /^Changed the default PATH on both machines/,
  /^Building:$/,
  /^This may not have been needed on Server2/,
  /^Edited \/etc\/passwd on Server2:$/,
  /dance is to avoid installing eggs\.$/,
  /^MySQL-python-1\.2\.2\.patch[12]$/,
  /^Pre-build, I moved the existing Blastwave Apache/,
  /^Install via Blastwave:$/,
  /^Libevent wouldn.t build from source cleanly/,
  /^http:/,
  /^(DATABASE_(ENGINE|OPTIONS|NAME) = .*|'read_default_file': '\/etc\/my\.cnf',|\})$/,
]

interface Planned {
  web: Map<string, PlannedRecipe>
  database: Map<string, PlannedRecipe>
}

/** What the step of that title runs; nothing where there is none. */
function step(planned: Map<string, PlannedRecipe>, recipe: string, title: string): string {
  const steps = planned.get(recipe)?.steps ?? []
  return steps.find((one) => one.title === title)?.commands.join('\n') ?? ''
}

const BUILDS = /^(patch .*|configure|build|stage|prepare|install|install package)$/

const planned: Planned = { web: await plan('server1'), database: await plan('server2') }
const notes = suite("the notes' command lines")

for (const [recipe, { folder, environment, commands }] of Object.entries(web)) {
  const hosts: [string, Map<string, PlannedRecipe>][] = [['server1', planned.web]]
  if (recipe === 'mysql') hosts.push(['server2', planned.database])
  for (const [host, recipes] of hosts) {
    notes(`${recipe} on ${host}`, () => {
      const { archive = '', steps = [] } = recipes.get(recipe) ?? {}
      if (folder)
        assert.match(archive, new RegExp(`^${folder.replaceAll('.', '\\.')}\\.(tgz|tar\\.(gz|bz2))$`))
      const building = steps
        .filter(({ title }) => BUILDS.test(title))
        // That the service's name is free is found out first.
        .map((step) => ({
          ...step,
          commands: step.commands.filter((line) => !line.startsWith('smf.sh claim ')),
        }))
      assert.equal(
        building.map(({ title, commands }) => [title, commands[0]]),
        commands.flatMap(([, ...does]) => does.map(([title, line]) => [title, line.replace('NAME', recipe)])),
      )
      for (const one of building) {
        const ofBuild = !/^(prepare|install)/.test(one.title) && folder !== ''
        assert.is(one.folder, ofBuild ? 'top' : '', one.title)
        const variables = ofBuild && !/^patch/.test(one.title) ? environment : []
        assert.equal([...one.environment].sort(), [...variables].sort(), one.title)
        // A second line only where a service's definition is put in place with the rest.
        const services = /^(prepare|install)$/.test(one.title) ? one.commands.slice(1) : []
        assert.equal(one.commands.slice(1), services, one.title)
        for (const line of services)
          assert.match(
            line,
            one.title === 'prepare' ? 'switch.sh prepare stage-services' : 'switch.sh switch /opt/local',
          )
      }
    })
  }
}

for (const [line, becomes] of Object.entries(elsewhere)) notes(line, () => becomes(planned))

notes('the recipes are those of the notes', () => {
  assert.equal([...planned.web.keys()].sort(), [...Object.keys(web), 'django'].sort())
  assert.equal([...planned.database.keys()], ['mysql'])
})

if (existsSync(NOTES)) {
  notes('every line of the notes about these machines is accounted for', () => {
    const all = readFileSync(NOTES, 'utf8').split('\n')
    const lines = all
      .slice(all.findIndex((line) => line.startsWith('There have been a couple')))
      .filter((line) => line.trim() !== '')
    const builds = Object.values(web).map(({ folder, commands }) =>
      [...(folder ? [`cd ${folder}/`] : []), ...commands.map(([says]) => says)].join(' '),
    )
    const ours = [...builds, ...Object.keys(elsewhere)]
    // MySQL's last command stands in the same line.
    const joined = lines.map((line) => line.replace(/ (sudo mysql_install_db .*)$/, '\n$1')).join('\n')
    const rest = joined.split('\n').filter((line) => !told.some((pattern) => pattern.test(line)))
    assert.equal([...rest].sort(), [...ours].sort())
  })
} else {
  notes.skip(`every line of the notes about these machines is accounted for (${NOTES} is not there)`)
}

notes.run()
