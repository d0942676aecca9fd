/** The text of the files in a new world's /etc: accounts and settings as a Solaris-like host has them. */

interface WorldFile {
  text: string
  mode: number
}

/** By path below the world's root. */
export const FILES: Record<string, WorldFile> = {
  'etc/passwd': file([
    'root:x:0:0:Super-User:/root:/sbin/sh',
    'daemon:x:1:1::/:/usr/bin/false',
    'bin:x:2:2::/usr/bin:/usr/bin/false',
    'sys:x:3:3::/:/usr/bin/false',
    'adm:x:4:4:Admin:/var/adm:/usr/bin/false',
    'sshd:x:22:22:sshd privsep:/var/run/sshd:/usr/bin/false',
    'webservd:x:80:80:WebServer Reserved UID:/:/usr/bin/false',
    'admin:x:1000:10:Administrator:/home/admin:/bin/sh',
    'nobody:x:60001:60001:NFS Anonymous Access User:/:/usr/bin/false',
    'noaccess:x:60002:60002:No Access User:/:/usr/bin/false',
    'nobody4:x:65534:65534:SunOS 4.x NFS Anonymous Access User:/:/usr/bin/false',
  ]),
  'etc/group': file([
    'root::0:',
    'other::1:root',
    'bin::2:root,daemon',
    'sys::3:root,bin,adm',
    'adm::4:root,daemon',
    'mail::6:root',
    'tty::7:root,adm',
    'staff::10:',
    'daemon::12:root',
    'sysadmin::14:',
    'sshd::22:',
    'webservd::80:',
    'nobody::60001:',
    'noaccess::60002:',
    'nogroup::65534:',
  ]),
  'etc/shadow': file(
    [
      'root:NP:20000::::::',
      'daemon:NP:20000::::::',
      'bin:NP:20000::::::',
      'sys:NP:20000::::::',
      'adm:NP:20000::::::',
      'sshd:*LK*:20000::::::',
      'webservd:*LK*:20000::::::',
      'admin:NP:20000::::::',
      'nobody:*LK*:20000::::::',
      'noaccess:*LK*:20000::::::',
      'nobody4:*LK*:20000::::::',
    ],
    0o400,
  ),
  'etc/user_attr': file(['root::::auths=solaris.*;profiles=All', 'admin::::profiles=Primary Administrator']),
  'etc/nsswitch.conf': file([
    'passwd: files',
    'group: files',
    'hosts: files',
    'services: files',
    'protocols: files',
  ]),
  'etc/hosts': file(['127.0.0.1\tlocalhost', '::1\tlocalhost']),
  'etc/services': file([
    'ssh\t22/tcp',
    'smtp\t25/tcp\tmail',
    'domain\t53/tcp',
    'domain\t53/udp',
    'http\t80/tcp\twww',
    'https\t443/tcp',
    'mysql\t3306/tcp',
    'svn\t3690/tcp',
    'memcache\t11211/tcp',
  ]),
  'etc/protocols': file(['ip\t0\tIP', 'icmp\t1\tICMP', 'tcp\t6\tTCP', 'udp\t17\tUDP', 'ipv6\t41\tIPv6']),
  'etc/profile': file(['PATH=/usr/bin:/usr/sbin:/sbin', 'export PATH', 'umask 022']),
  'etc/default/login': file([
    'PATH=/usr/bin:/usr/sbin:/sbin',
    'SUPATH=/usr/bin:/usr/sbin:/sbin',
    'UMASK=022',
  ]),
  'etc/default/init': file(['TZ=UTC', 'CMASK=022', 'LANG=C']),
  'etc/release': file(['build-stack sandbox']),
  'etc/shells': file(['/sbin/sh', '/bin/sh', '/usr/bin/sh', '/usr/bin/bash', '/usr/bin/ksh']),
}

function file(lines: string[], mode = 0o644): WorldFile {
  return { text: `${lines.join('\n')}\n`, mode }
}
