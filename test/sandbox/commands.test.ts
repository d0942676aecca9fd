import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageRoot } from '../../runner/paths.ts'
import { type Result, startSandboxes, type TestSandbox, type TestSandboxes } from './sandboxes.ts'

const SHELLS = ['dash', 'ksh93', 'busybox sh']
const commands = suite('sandbox: Solaris commands')
let sandboxes: TestSandboxes

commands.before(async () => {
  sandboxes = await startSandboxes()
  await every((sandbox) => sandbox.run('cd /var/tmp && printf one >one && printf two >two'))
})
commands.after(() => sandboxes.close())

async function every(check: (sandbox: TestSandbox) => Promise<unknown>): Promise<void> {
  for (const sandbox of sandboxes.all) await check(sandbox)
}

/** Runs it in each sandbox and compares with status, output and errors. */
async function gives(
  command: string,
  code: number,
  stdout: string | RegExp,
  stderr: string | RegExp = '',
): Promise<void> {
  await every(async (sandbox) => {
    const result: Result = await sandbox.run(command)
    const shown = `${command} as ${sandbox.label}`
    assert.is(result.code, code, `${shown}: status ${result.code}\n${result.stdout}${result.stderr}`)
    for (const [got, want] of [
      [result.stdout, stdout],
      [result.stderr, stderr],
    ] as const) {
      if (want instanceof RegExp) assert.match(got, want, shown)
      else assert.is(got, want, shown)
    }
  })
}

const ONE = '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed'
const TWO = '3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3'

commands('digest prints the digest alone for one file, and names for several', async () => {
  for (const shell of SHELLS) {
    const digest = `cd /var/tmp; ${shell} /usr/bin/digest`
    await gives(`${digest} -a sha256 one`, 0, `${ONE}\n`)
    await gives(`${digest} -v -a sha256 one`, 0, `sha256 (one) = ${ONE}\n`)
    await gives(`${digest} -a sha256 one two`, 0, `(one) = ${ONE}\n(two) = ${TWO}\n`)
    await gives(`${digest} -v -a sha256 one two`, 0, `sha256 (one) = ${ONE}\nsha256 (two) = ${TWO}\n`)
    await gives(`printf one | ${shell} /usr/bin/digest -a sha256`, 0, `${ONE}\n`)
    await gives(`${digest} -a md5 one`, 0, 'f97c5d29941bfb1b2fdab0874906ab82\n')
    await gives(`${digest} -a sha1 one`, 0, 'fe05bcdcdc4928012781a5f1a2a77cbb5398e106\n')
  }
  await gives('digest -a sha512 /var/tmp/one', 0, /^[0-9a-f]{128}\n$/)
})

commands('digest goes on after a file that is missing, and fails in the end', async () => {
  const missing = 'digest: can not open input file none\n'
  await gives('cd /var/tmp; digest -a sha256 none one', 1, `(one) = ${ONE}\n`, missing)
  await gives('digest -a crc32 /var/tmp/one', 1, '', 'digest: unknown algorithm -- crc32\n')
  await gives('digest /var/tmp/one', 2, '', /^Usage:/)
})

commands('digest takes names with blanks, hyphens and backslashes as they are', async () => {
  const name = `/var/tmp/a b\\c'd`
  await gives(
    `printf one >"${name}"; digest -a sha256 "${name}" "${name}"`,
    0,
    `(${name}) = ${ONE}\n`.repeat(2),
  )
})

commands('useradd and groupadd end with the statuses and messages of Solaris', async () => {
  const used = 'ERROR: mysql is already in use.  Choose another.\n'
  await gives('groupadd -g 100 mysql', 0, '')
  await gives('groupadd mysql', 9, '', `UX: groupadd: ${used}`)
  await gives(
    'groupadd -g 100 other2',
    4,
    '',
    'UX: groupadd: ERROR: 100 is already in use.  Choose another.\n',
  )
  await gives('groupadd -g 100 -o same', 0, '')
  await gives('groupadd', 2, '', /^UX: groupadd: ERROR: invalid syntax\.\nusage: groupadd/)
  await gives('groupadd -g 50 low', 0, '', 'UX: groupadd: WARNING: gid 50 is reserved.\n')
  await gives(
    'groupadd -g x bad',
    3,
    '',
    /^UX: groupadd: ERROR: x is not a valid group id\. {2}Choose another\.\n$/,
  )

  await gives('useradd -u 100 -g mysql -d /var/mysql -s /bin/false -c "MySQL Server" mysql', 0, '')
  await gives(
    'getent passwd mysql; id mysql',
    0,
    /^mysql:x:100:100:MySQL Server:\/var\/mysql:\/bin\/false\nuid=100\(mysql\)/,
  )
  await gives('useradd mysql', 9, '', `UX: useradd: ${used}`)
  await gives('useradd -u 100 m2', 4, '', 'UX: useradd: ERROR: uid 100 is already in use.  Choose another.\n')
  await gives(
    'useradd -g none m3',
    6,
    '',
    'UX: useradd: ERROR: group none does not exist.  Choose another.\n',
  )
  await gives('useradd -r m4', 2, '', /^UX: useradd: ERROR: invalid syntax\.\n/)
  await gives('useradd --system m4', 2, '', /^UX: useradd: ERROR: invalid syntax\.\n/)
  await gives(
    'useradd -s bin/sh m5',
    3,
    '',
    'UX: useradd: ERROR: bin/sh is not a full path name.  Choose another.\n',
  )
  await gives('useradd -u 85 reserved', 0, '', 'UX: useradd: WARNING: uid 85 is reserved.\n')
  await gives('useradd 1bad', 3, '', 'UX: useradd: ERROR: 1bad is not a valid login name.  Choose another.\n')
  await gives(`useradd -c 'a:b' m6`, 3, '', /is not a valid comment/)
  await gives('getent passwd m2; getent passwd m6', 2, '')
})

commands('a new account is locked, in group other, without a home unless it was asked for', async () => {
  await gives(
    'useradd plain; getent passwd plain; grep ^plain: /etc/shadow',
    0,
    /^plain:x:\d+:1::\/home\/plain:\/bin\/sh\nplain:\*LK\*:/,
  )
  await gives('ls -d /home/plain', 2, '', /No such file/)
  await gives(
    'useradd -m -G staff,mail homed && ls -d /home/homed && id -nG homed',
    0,
    '/home/homed\nother mail staff\n',
  )
})

commands('only root manages accounts', async () => {
  await every(async (sandbox) => {
    const denied = await sandbox.run('useradd x', { user: 'admin' })
    assert.equal([denied.code, denied.stderr], [1, 'UX: useradd: ERROR: Permission denied.\n'])
  })
})

commands('usermod changes what it is told, and refuses a busy account', async () => {
  await gives('useradd -u 300 before', 0, '')
  await gives(
    `usermod -c 'with \\ and &' -s /bin/false -G mail -l after before; getent passwd after; id -nG after`,
    0,
    'after:x:300:1:with \\ and &:/home/before:/bin/false\nother mail\n',
  )
  await gives('grep -c ^after: /etc/shadow; getent passwd before', 2, '1\n')
  await gives('usermod -u 1 after', 4, '', 'UX: usermod: ERROR: uid 1 is already in use.  Choose another.\n')
  await gives('usermod -c x none', 6, '', 'UX: usermod: ERROR: none does not exist.\n')
})

commands('userdel takes the account out of every file', async () => {
  await gives('useradd -m -G mail doomed && userdel -r doomed', 0, '')
  await gives(
    'getent passwd doomed; grep doomed /etc/passwd /etc/shadow /etc/group; ls -d /home/doomed',
    2,
    '',
    /No such file/,
  )
  await gives('userdel doomed', 6, '', 'UX: userdel: ERROR: doomed does not exist.\n')
})

commands('two accounts made at once are both there', async () => {
  const many = 'for n in 1 2 3 4 5 6 7 8; do useradd parallel$n & done; wait; grep -c ^parallel /etc/passwd'
  await gives(many, 0, '8\n')
  await gives('cut -d: -f3 /etc/passwd | sort | uniq -d', 0, '')
})

commands('the account commands run under every POSIX shell', async () => {
  for (const [index, shell] of SHELLS.entries()) {
    const name = `shell${index}`
    await gives(
      `${shell} /usr/sbin/groupadd ${name} && ${shell} /usr/sbin/useradd -g ${name} -G mail ${name}`,
      0,
      '',
    )
    await gives(`${shell} /usr/sbin/usermod -c text ${name} && ${shell} /usr/sbin/userdel ${name}`, 0, '')
  }
})

commands('psrinfo has a line for each processor', async () => {
  await every(async (sandbox) => {
    const lines = (await sandbox.run('psrinfo')).stdout.trimEnd().split('\n')
    assert.is(lines.length, Number((await sandbox.run('nproc')).stdout))
    assert.ok(lines.length <= cpus().length)
    for (const line of lines) assert.match(line, /^\d+\ton-line {3}since \d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d$/)
  })
  await gives('psrinfo -p', 0, /^\d+\n$/)
  if (process.arch === 'x64')
    await gives('isainfo -k; isainfo -n; isainfo -b; isainfo', 0, 'amd64\namd64\n64\namd64 i386\n')
})

commands('pkg-get installs what its catalogue has, with what that needs, and removes it', async () => {
  const entry = (name: string, needs: string) =>
    [
      `mkdir -p /var/pkg-get/catalog/${name}/root/opt/csw/bin`,
      `echo ${name} >/var/pkg-get/catalog/${name}/root/opt/csw/bin/${name}`,
      `printf 'PKG=CSW${name}\\nNAME=${name} - a program\\nVERSION=1.2,REV=2007.05.01\\nARCH=i386\\nCATEGORY=application\\nBASEDIR=/\\nDEPEND=${needs}\\n' >/var/pkg-get/catalog/${name}/pkginfo`,
    ].join('\n')
  await gives(`${entry('library', '')}\n${entry('program', 'library')}`, 0, '')
  await gives(
    'pkg-get -c program',
    0,
    /software +localrev +remoterev\n +program +\[Not installed\] +1\.2,REV=2007\.05\.01\n$/,
  )
  await gives('pkginfo -q CSWprogram', 1, '')
  await gives(
    'pkg-get -f install program',
    0,
    /<CSWlibrary> was successful[\s\S]*<CSWprogram> was successful/,
  )
  await gives('cat /opt/csw/bin/program; pkginfo -q CSWlibrary', 0, 'program\n')
  await gives('pkg-get -c program', 0, / program +1\.2,REV=2007\.05\.01 +SAME\n$/)
  await gives('pkginfo -l CSWprogram', 0, /^ +VERSION: {2}1\.2,REV=2007\.05\.01$/m)
  await gives(
    'pkginfo -x CSWprogram',
    0,
    /^CSWprogram +program - a program\n +\(i386\) 1\.2,REV=2007\.05\.01\n$/,
  )
  await gives('pkg-get -f remove program; ls /opt/csw/bin', 0, /<CSWprogram> was successful\.\nlibrary\n$/)
  await gives('pkg-get -f install nothing', 1, '', 'ERROR: could not find nothing in catalog\n')
  await gives('pkginfo -l CSWprogram', 1, '', 'ERROR: information for "CSWprogram" was not found\n')
})

commands('every script passes the shell checker', async () => {
  const folders = ['runner/sandbox', 'runner/sandbox/commands'].map((folder) => join(packageRoot, folder))
  const scripts = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.sh') && name !== 'smf-client.sh')
      .map((name) => join(folder, name)),
  )
  assert.ok(scripts.length > 20)
  const options = ['-x', '--source-path', join(packageRoot, 'runner/sandbox/commands')]
  await promisify(execFile)('shellcheck', [...options, ...scripts]).catch((error) => {
    if (error.code !== 'ENOENT') assert.unreachable(error.stdout)
  })
})

commands.run()
