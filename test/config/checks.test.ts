import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadProject } from '../../runner/config/load.ts'
import { sampleManifest } from '../serviceBundle/sampleManifest.ts'
import { faultsOfPromise } from './faultsOf.ts'
import { hosts, project, recipe } from './project.ts'

async function faults(text: string): Promise<string[]> {
  const folder = project({
    'hosts.yaml': hosts({}),
    'recipes/a.yaml': text,
    'recipes/libevent.yaml': recipe(),
    'patches/a/01-one.patch': 'x',
    'patches/a/empty.patch': '',
    'patches/b/02-two.patch': 'x',
    'recipes/a/sound.xml': sampleManifest((text) => text.replaceAll('tiny', 'x')),
    'recipes/a/tiny.xml': sampleManifest(),
    'recipes/a/run': '#!/bin/sh\nexec ${prefix}/bin/x "$${1}"\n',
    'recipes/a/words': 'exec x\n',
    'recipes/a/odd': '#!/bin/sh\r\n# not killall\nkillall x\n  echo ${prefx} ${secret.word}\n',
    'recipes/a/latin': Buffer.from('#!/bin/sh\n# caf\xe9\n', 'latin1'),
  })
  const found = await faultsOfPromise((await loadProject(folder)).recipe('a'))
  return found.map((fault) => fault.replace('recipes/a.yaml:', '').replaceAll(`${folder}/`, ''))
}

type Case = [more: string, ...faults: (string | RegExp)[]]

function table(name: string, cases: Case[], make = (more: string) => recipe(`${more}\n`)): void {
  const test = suite(`checks: ${name}`)
  for (const [more, ...expected] of cases) {
    test(more.replaceAll('\n', ' / ') || 'nothing', async () => {
      const found = await faults(make(more))
      assert.is(found.length, expected.length, found.join('\n'))
      for (const [i, wanted] of expected.entries()) {
        if (typeof wanted === 'string') assert.is(found[i], wanted)
        else assert.match(found[i] ?? '', wanted)
      }
    })
  }
  test.run()
}

const KILLALL = 'killall kills every process of a Solaris host; use pkill, or stop the service'
const HOSTNAME = 'hostname with an argument renames a Solaris host to it; use uname -n'

// Fields go before "versions:", in line 3.
table('dependencies', [
  ['dependencies: {libevent: ">=2.0"}'],
  [
    'dependencies: {libevnt: ">=2.0"}',
    '3:16: dependencies.libevnt: there is no recipe "libevnt"; did you mean "libevent"?',
  ],
  [
    'dependencies: {zebra: "*"}',
    '3:16: dependencies.zebra: there is no recipe "zebra"; there are: a, libevent',
  ],
  ['dependencies: {a: "*"}', '3:16: dependencies.a: a recipe cannot need itself'],
  ['dependencies: {libevent: ">>2"}', '3:26: dependencies.libevent: ">>2" is not a range of versions'],
  [
    'dependencies: {libevent: {version: nope}}',
    '3:36: dependencies.libevent.version: "nope" is not a range of versions',
  ],
  [
    'env: {A: {value: b, when: {version: "<<1"}}}',
    '3:37: env.A.when.version: "<<1" is not a range of versions',
  ],
])

table('patches', [
  ['patches: [{file: a/01-one.patch}]'],
  [
    'patches: [{file: a/01-on.patch}]',
    '3:18: patches[0].file: no file patches/a/01-on.patch; did you mean "a/01-one.patch"?',
  ],
  [
    'patches: [{file: a/02-two.patch}]',
    '3:18: patches[0].file: no file patches/a/02-two.patch; did you mean "b/02-two.patch"?',
  ],
  [
    'patches: [{file: a/quite-another-name.diff}]',
    '3:18: patches[0].file: no file patches/a/quite-another-name.diff; beside it are a/01-one.patch, a/empty.patch',
  ],
  ['patches: [{file: ../hosts.yaml}]', '3:18: patches[0].file: "../hosts.yaml" leads out of patches'],
  ['patches: [{file: a/../../hosts.yaml}]', /leads out of patches$/],
  ['patches: [{file: /etc/passwd}]', '3:18: patches[0].file: "/etc/passwd" leads out of patches'],
  ['patches: [{file: a}]', '3:18: patches[0].file: patches/a is not a file'],
  ['patches: [{file: a/empty.patch}]', '3:18: patches[0].file: patches/a/empty.patch is empty'],
])

table('variables', [
  ['configure: ["${prefix}", "${version}", "$${HOME}"]'],
  ['configure: ["-L${prefx}"]', '3:16: configure[0]: unknown variable ${prefx}; did you mean "prefix"?'],
  [
    'files: [{path: etc/x, content: "a ${prefix}\\n${host}"}]',
    /^3:\d+: files\[0]\.content: unknown variable \$\{host}; known are: prefix, name/,
  ],
  [
    'files:\n  - path: etc/x\n    content: |\n      a ${prefix} $${x}\n      b ${PATH}',
    /^7:9: files\[0]\.content: unknown variable \$\{PATH}/,
  ],
  ['configure: ["${prefix"]', '3:14: configure[0]: "${" is not closed by "}"; write $${ for a literal ${'],
  ['homepage: "x ${anything}"'],
  [
    'files: [{path: "etc/${host.name}", content: "${host.memory} ${host.cpus} ${host.hostname} ${host.address} ${host.os} ${host.release}"}]',
  ],
  ['services: {x: {summary: s, command: [x, "-m${host.memory}"]}}'],
  [
    'configure: ["a", "--cpus=${host.cpus}"]',
    '3:26: configure[1]: what a host is can only be in files, services and setup; elsewhere each host would need a build of its own',
  ],
  ['configure: ["$${host.cpus}"]'],
  [
    'files:\n  - path: etc/x\n    content: |\n      a ${host.name}\n      b ${host.memry}',
    /^7:9: files\[0]\.content: unknown variable \$\{host\.memry}; did you mean "host\.memory"\?/,
  ],
])

table('strings', [['configure: ["a\\0b"]', '3:13: configure[0]: a NUL character cannot be in a string']])
table('strings of shell', [['configure: ["a b", "$(id)", "`id`", "it\'s", "x\\ny", "\\\\"]']])

table('commands', [
  ['smoke: [{command: ["${prefix}/bin/x", -h], stdout: "^x ${version}$"}]'],
  ['smoke: [{command: [""]}]', '3:20: smoke[0].command[0]: an empty word in a command'],
  ['smoke: [{command: [x, " "]}]', '3:23: smoke[0].command[1]: an empty word in a command'],
  ['smoke: [{command: [killall, x]}]', `3:20: smoke[0].command[0]: ${KILLALL}`],
  ['smoke: [{command: [pfexec, /usr/sbin/killall]}]', `3:28: smoke[0].command[1]: ${KILLALL}`],
  ['smoke: [{command: [sh, -c, "true; killall x"]}]', `3:28: smoke[0].command[2]: ${KILLALL}`],
  ['smoke: [{command: [sh, -c, "pkillall x; a-killall"]}]'],
  ['smoke: [{command: [hostname, -f]}]', `3:20: smoke[0].command[0]: ${HOSTNAME}`],
  ['smoke: [{command: [sh, -c, "x=`/usr/bin/hostname -f`"]}]', `3:28: smoke[0].command[2]: ${HOSTNAME}`],
  ['smoke: [{command: [hostname]}]'],
  ['smoke: [{command: [test, -x, /usr/bin/hostname, -o, x]}]'],
  ['smoke: [{command: [sh, -c, "hostname; hostname | cat"]}]'],
  ['setup: [{title: t, command: [killall], creates: var/x}]', `3:30: setup[0].command[0]: ${KILLALL}`],
  ['services: {x: {summary: s, command: [x], stop: [killall, x]}}', `3:49: services.x.stop[0]: ${KILLALL}`],
  [
    'services: {x: {summary: s, command: [x], refresh: [x, ""]}}',
    '3:55: services.x.refresh[1]: an empty word in a command',
  ],
  [
    'smoke: [{command: [x], stdout: "(a"}]',
    /^3:32: smoke\[0]\.stdout: not a regular expression: Unterminated group$/,
  ],
])

table('paths and names', [
  ['files: [{path: etc/x, content: y}, {path: /etc/x, content: y}, {path: "${prefix}/etc/z", content: y}]'],
  ['files: [{path: ../x, content: y}]', '3:16: files[0].path: "../x" leads out of its root with ".."'],
  ['files: [{path: /opt/../etc/x, content: y}]', /^3:16: .* leads out of its root/],
  ['files: [{path: etc/, content: y}]', '3:16: files[0].path: "etc/" names no file'],
  ['files: [{path: "", content: y}]', '3:16: files[0].path: "" names no file'],
  [
    'files:\n  - {path: etc/x, content: y}\n  - {path: "${prefix}//etc/./x", content: z}',
    '5:12: files[1].path: the same path as in line 4',
  ],
  ['files: [{path: etc/x, content: y, when: {os: A}}, {path: etc/x, content: y, when: {os: B}}]'],
  ['copy: [{from: ., to: share/x}, {from: lib/x, to: "${prefix}/lib/x"}]'],
  ['copy: [{from: ../x, to: share}]', '3:15: copy[0].from: "../x" leads out of the archive'],
  ['copy: [{from: x, to: ../../etc}]', '3:22: copy[0].to: "../../etc" leads out of the prefix'],
  [
    'copy: [{from: x, to: /etc/x}]',
    '3:22: copy[0].to: "/etc/x" must be below the prefix, not an absolute path',
  ],
  ['path: ["${prefix}/bin", /usr/xpg4/bin]'],
  ['path: [bin]', /^3:8: path\[0]: "bin" is not an absolute path/],
  ['path: ["/a:/b"]', /^3:8: path\[0]: a path cannot hold a line end or a colon/],
  ['directory: ../x', '3:12: directory: "../x" leads out of the archive'],
  ['directory: /src', /^3:12: directory: .* must be a folder inside the archive/],
  ['setup: [{title: t, command: [x], creates: ../x}]', /^3:43: setup\[0]\.creates: .* leads out/],
  [
    'services: {x: {summary: s, command: [x], directory: var}}',
    /^3:53: services\.x\.directory: "var" is not an absolute path/,
  ],
  ['services: {x: {summary: s, command: [x], directory: "${prefix}/var"}}'],
  [
    'services: {x: {summary: s, command: [x], user: "a b"}}',
    /^3:48: services\.x\.user: "a b" is not the name/,
  ],
  ['files: [{path: x, content: y, owner: "$(id)"}]', /^3:38: files\[0]\.owner: /],
])

table('accounts', [
  ['accounts: [{name: mysql, uid: 100, gid: 100}, {name: www, uid: 80}]'],
  ['accounts: [{name: mysql}, {name: mysql}]', '3:34: accounts[1].name: the account mysql is there already'],
  ['accounts: [{name: a, uid: 7}, {name: b, uid: 7}]', '3:46: accounts[1].uid: uid 7 belongs to a already'],
  [
    'accounts: [{name: a, gid: 7}, {name: b, gid: 7}]',
    '3:46: accounts[1].gid: gid 7 belongs to the group a already',
  ],
  [
    'accounts: [{name: a, group: g, gid: 7}, {name: b, group: g, gid: 8}]',
    '3:66: accounts[1].gid: the group g has gid 7 already',
  ],
  ['accounts: [{name: a, group: g, gid: 7}, {name: b, group: g, gid: 7}]'],
  ['accounts: [{name: a, uid: 0}]', '3:27: accounts[0].uid: uid 0 is root; a service account needs its own'],
  ['accounts: [{name: a, uid: 7, when: {os: A}}, {name: a, uid: 8, when: {os: B}}]'],
  ['accounts: [{name: a, comment: "a:b"}]', /^3:31: accounts\[0]\.comment: a colon/],
  ['accounts: [{name: a, home: home}]', /^3:28: accounts\[0]\.home: "home" is not an absolute path/],
])

const owned = (own: string) => `services: {x: {summary: s, command: [x], own: {${own}}}}`
const IN_SCRIPT = 'recipes/a/odd'
table('files of services', [
  [owned('manifest: a/sound.xml, method: a/run, run: a/run')],
  [owned('run: a/runn'), '3:53: services.x.own.run: no file recipes/a/runn; did you mean "a/run"?'],
  [owned('method: ../hosts.yaml'), '3:56: services.x.own.method: "../hosts.yaml" leads out of recipes'],
  [owned('script: a/run'), /^3:48: services\.x\.own: unknown key "script"/],
  [
    owned('manifest: a/tiny.xml'),
    'recipes/a/tiny.xml:4:1: it must define the service application/build-stack/x and no other, and defines application/build-stack/tiny',
  ],
  [owned('method: a/words'), 'recipes/a/words:1:1: a script begins with "#!" and the path of its shell'],
  [owned('run: a/latin'), 'recipes/a/latin:1:1: the file is not UTF-8 text'],
  [
    owned('run: a/odd'),
    `${IN_SCRIPT}:1:10: a carriage return or NUL character in a script`,
    `${IN_SCRIPT}:3:1: ${KILLALL}`,
    /^recipes\/a\/odd:4:8: unknown variable \$\{prefx}; did you mean "prefix"/,
    `${IN_SCRIPT}:4:17: a secret can only be in the content of a file; elsewhere others could read it`,
  ],
])

const service = (requires: string) => `services: {x: {summary: s, command: [x], requires: [${requires}]}}`
table('services', [
  [service('network, filesystem, libevent/daemon, a/x, "svc:/network/ssh:default"')],
  [
    service('netwrk'),
    /^3:53: services\.x\.requires\[0]: expected network, .* got "netwrk"; did you mean "network"\?$/,
  ],
  [
    service('libevnt/x'),
    '3:53: services.x.requires[0]: there is no recipe "libevnt"; did you mean "libevent"?',
  ],
])

const versions = (lines: string) => `summary: x\nsystem: make\nversions:\n${lines}\n`
const S = 'source: {url: https://x.invalid/a.tgz}'
table(
  'versions and sources',
  [
    [`  2.10: {${S}}\n  0.9.7m: {${S}}\n  1.4.6-2: {${S}}`],
    [`  latest: {${S}}`, /^4:3: versions\.latest: "latest" is not a version/],
    [`  "../1": {${S}}`, /^4:3: versions\.\.\.\/1: "\.\.\/1" is not a version/],
    [`  2.5: {${S}}\n  2.5.0: {${S}}`, '5:3: versions.2.5.0: the same version as 2.5'],
    [`  2.1: {${S}}\n  2.1-stable: {${S}}`, '5:3: versions.2.1-stable: the same version as 2.1'],
    ['  {}', '4:3: versions: a recipe needs at least one version'],
    ['  1: {source: {url: x}}', '4:21: versions.1.source.url: "x" is not an http or https address'],
    ['  1: {source: {url: "file:///etc/passwd"}}', /is not an http or https address$/],
    ['  1: {source: {url: "https://x.invalid/"}}', /^4:21: .* ends in no file name; add "file"$/],
    ['  1: {source: {url: "https://x.invalid/?a", file: a.tgz}}'],
    [
      '  1: {source: {url: "https://x.invalid/a", file: ../a}}',
      /^4:50: .*"\.\.\/a" is not a file name without folders$/,
    ],
    ['  1: {source: {url: "https://x.invalid/${name}-${version}.tgz"}}'],
    ['  1: {source: {url: "https://x.invalid/${prefix}.tgz"}}', /unknown variable \$\{prefix}/],
    [
      '  1: {source: {url: "https://x.invalid/a", alternatives: [{debian: "a b", file: x}]}}',
      /^4:68: versions\.1\.source\.alternatives\[0]\.debian: "a b" is not a package name$/,
    ],
    [
      '  1: {source: {url: "https://x.invalid/a", alternatives: [{debian: a2, suite: "x/../y", file: x}]}}',
      /\.suite: "x\/\.\.\/y" is not the name of a release$/,
    ],
    [`  1: {source: {git: "https://x.invalid/a.git", revision: ${'a'.repeat(40)}}}`],
    [
      `  1: {source: {git: "ext::sh -c x", revision: ${'a'.repeat(40)}}}`,
      /\.git: "ext::sh -c x" is not the address of a Git repository$/,
    ],
    ['  1: {source: {git: "https://x.invalid/a.git", revision: 1234abc}}', /whole commit id/],
    ['  1: {system: package, source: {packages: {pkg-get: memcached}}}'],
    [
      '  1: {source: {packages: {pkg-get: memcached}}}',
      /source: system package and a source with packages belong together$/,
    ],
    ['  1: {source: {packages: {rpm: memcached}}}', /rpm/],
    ['  1: {system: files, source: {none: true}}'],
    ['  1: {source: {none: true}}', /source: system files and a source of none belong together$/],
    [`  1: {system: files, ${S}}`, /source: system files and a source of none belong together$/],
    ['  1: {system: files, source: {none: false}}', /none: expected true/],
    [
      `  1: {${S}, smoke: [{command: [killall]}], patches: [{file: nope}], dependencies: {a: nope}}`,
      /^4:\d+: versions\.1\.smoke\[0]\.command\[0]: killall/,
      /^4:\d+: versions\.1\.patches\[0]\.file: no file/,
      /^4:\d+: versions\.1\.dependencies\.a: a recipe cannot need itself/,
      /^4:\d+: versions\.1\.dependencies\.a: "nope" is not a range/,
    ],
  ],
  versions,
)
