import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageRoot } from '../../runner/paths.ts'
import { startSandboxes, type TestSandbox, type TestSandboxes } from './sandboxes.ts'

const world = suite('sandbox: the world')
let sandboxes: TestSandboxes

world.before(async () => {
  sandboxes = await startSandboxes()
})
world.after(() => sandboxes.close())

/** The same behaviour, whoever started the sandbox. */
function each(title: string, check: (sandbox: TestSandbox) => Promise<void>): void {
  world(title, async () => {
    for (const sandbox of sandboxes.all) {
      try {
        await check(sandbox)
      } catch (error) {
        if (error instanceof Error) error.message = `as ${sandbox.label}: ${error.message}`
        throw error
      }
    }
  })
}

async function output(sandbox: TestSandbox, command: string, user = 'root'): Promise<string> {
  const { code, stdout, stderr } = await sandbox.run(command, { user })
  assert.is(code, 0, `${command}: ${stderr}`)
  return stdout
}

each('compiles and runs a program, as root and as an ordinary account', async (sandbox) => {
  const program = `#include <stdio.h>\\nint main(void) { puts("hello, world"); return 0; }\\n`
  for (const user of ['root', 'admin']) {
    const folder = `/var/tmp/hello-${user}`
    const build = `mkdir ${folder} && cd ${folder} && printf '${program}' >hello.c && gcc -o hello hello.c && ./hello`
    assert.is(await output(sandbox, build, user), 'hello, world\n')
  }
})

each('has the tools of this machine that builds use', async (sandbox) => {
  assert.is(await output(sandbox, `perl -MPOSIX -e 'print POSIX::floor(2.5)'`), '2')
  assert.is(
    await output(sandbox, `awk 'BEGIN { print 6 * 7 }'; echo a | sed s/a/b/; getent passwd admin`),
    ['42\n', 'b\n', 'admin:x:1000:10:Administrator:/home/admin:/bin/sh\n'].join(''),
  )
  assert.is(
    await output(
      sandbox,
      'gmake --version >/dev/null && gpatch --version >/dev/null && gtar --version >/dev/null',
    ),
    '',
  )
})

each('has the names of a Solaris host beside them', async (sandbox) => {
  const paths = ['/usr/ccs/bin/make', '/usr/ccs/bin/ld', '/usr/xpg4/bin/sh', '/usr/xpg4/bin/grep', '/sbin/sh']
  const files = ['/lib/svc/share/smf_include.sh', '/usr/sbin/svcadm', '/usr/sbin/svccfg', '/usr/bin/svcs']
  for (const path of [...paths, ...files]) await output(sandbox, `test -x ${path}`)
  assert.is(
    await output(sandbox, '. /lib/svc/share/smf_include.sh; smf_present && echo $SMF_EXIT_ERR_CONFIG'),
    '96\n',
  )
})

each('shows its own processes only, and its own name', async (sandbox) => {
  const pids = (await output(sandbox, 'ls /proc')).split('\n').filter((name) => /^\d+$/.test(name))
  assert.ok(pids.length < 20, `${pids.length} processes`)
  assert.is(await output(sandbox, 'zonename; uname -n'), 'test\ntest\n')
})

each('lets nothing outside be written', async (sandbox) => {
  const before = snapshot()
  const script = [
    'touch /usr/file /usr/bin/ls /bin/file /etc/alternatives/file /usr/lib/file',
    'echo 1 >/proc/sys/kernel/sysrq; echo 1 >/proc/sys/vm/drop_caches',
    `touch ${packageRoot}/file ${tmpdir()}/from-the-world`,
    'for pid in /proc/[0-9]*; do touch $pid/root/from-the-world $pid/cwd/from-the-world; done',
    'mount -o remount,rw /usr; mount --bind /tmp /usr/bin; mknod /tmp/disk b 8 0; chroot / true',
    'for pid in /proc/[0-9]*; do nsenter --mount=$pid/ns/mnt touch /from-the-world; done',
  ]
  for (const user of ['root', 'admin']) await sandbox.run(script.join('\n'), { user })
  assert.equal(snapshot(), before)
  assert.not(existsSync('/from-the-world'))
  assert.not(existsSync(join(tmpdir(), 'from-the-world')))
  assert.not(existsSync(join(packageRoot, 'from-the-world')))
  assert.not(existsSync(join(packageRoot, '..', 'from-the-world')))
  // A link or a file in the world itself is all that it may have made.
  assert.ok(statSync(sandbox.endpoint.root).isDirectory())
})

each('gives files to accounts, and refuses those that do not exist', async (sandbox) => {
  await output(
    sandbox,
    'touch /var/tmp/owned; chown admin:staff /var/tmp/owned; chgrp -R staff /var/tmp/owned',
  )
  await output(
    sandbox,
    'chown 1000 /var/tmp/owned; install -o admin -g staff -m 644 /var/tmp/owned /var/tmp/installed',
  )
  const shown = sandbox.many ? 'admin staff\n' : 'root root\n'
  assert.is(await output(sandbox, `stat -c '%U %G' /var/tmp/installed`), shown)
  for (const wrong of ['chown stranger', 'chown root:strangers', 'chgrp strangers']) {
    const { code, stderr } = await sandbox.run(`${wrong} /var/tmp/owned`)
    assert.is(code, 1)
    assert.match(stderr, /invalid (user|group): .*stranger/)
  }
  assert.is((await sandbox.run('chown admin /no/such/file')).code, 1)
  assert.is(await output(sandbox, `stat -c '%U %a' /var/tmp/owned`, 'admin'), 'admin 644\n')
})

each("unpacks an archive with somebody else's numbers", async (sandbox) => {
  const make = 'cd /var/tmp && mkdir -p packed && echo x >packed/x && chmod 640 packed/x'
  await output(sandbox, `${make} && tar cf packed.tar --owner=12345 --group=54321 packed && rm -r packed`)
  assert.is(await output(sandbox, 'cd /var/tmp && gtar xf packed.tar && stat -c %a packed/x'), '640\n')
})

each('lets an account with a profile become root with pfexec, and no other', async (sandbox) => {
  assert.is(await output(sandbox, 'pfexec id -u', 'admin'), '0\n')
  assert.is(
    await output(sandbox, 'pfexec touch /opt/local/by-root && ls /opt/local/by-root', 'admin'),
    '/opt/local/by-root\n',
  )
  await output(sandbox, `sed -i '/^admin/d' /etc/user_attr`)
  assert.is(await output(sandbox, 'pfexec id -u', 'admin'), '1000\n')
})

each('keeps accounts apart where there are many', async (sandbox) => {
  const { code } = await sandbox.run('cat /etc/shadow || touch /opt/local/file', { user: 'admin' })
  assert.is(code, sandbox.many ? 1 : 0)
})

world('leaves no mount behind on this machine', async () => {
  const mounts = (await import('node:fs')).readFileSync('/proc/self/mountinfo', 'utf8')
  for (const { endpoint } of sandboxes.all) assert.not.match(mounts, new RegExp(endpoint.root))
})

world.run()

/** What the script of the test would change. */
function snapshot(): string[] {
  const probe = mkdtempSync(join(tmpdir(), 'probe-'))
  rmSync(probe, { recursive: true })
  const folders = ['/', '/usr', '/usr/bin', '/usr/lib', '/etc/alternatives', packageRoot]
  return folders.flatMap((folder) => [
    `${folder} ${lstatSync(folder).mtimeMs}`,
    ...readdirSync(folder).sort(),
    `${lstatSync('/usr/bin/ls').mtimeMs}`,
  ])
}
