/** A real package that builds in a second: a configure script, a Makefile, a C program that can be a daemon; its recipe. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const CONFIGURE = `#!/bin/sh
# Remembers its arguments and environment as the program's text, and writes the Makefile.
prefix=/usr/local
for word in "$@"; do
  case $word in
  --prefix=*) prefix=\${word#--prefix=} ;;
  --fail) echo "checking for luck... no"; echo "configure: error: no luck" >&2; exit 77 ;;
  --slow=*) sleep "\${word#--slow=}" ;;
  esac
done
{ for word in "$@"; do printf '%s\\n' "$word"; done; } >arguments
printf '%s\\n' "$TINY_VALUE" >value
sed "s|@prefix@|$prefix|" Makefile.in >Makefile
echo "configured for $prefix"
`

const MAKEFILE = `prefix = @prefix@
all: tiny
tiny: tiny.c
	$(CC) -o tiny tiny.c
install: tiny
	mkdir -p $(DESTDIR)$(prefix)/bin $(DESTDIR)$(prefix)/share/tiny
	cp tiny $(DESTDIR)$(prefix)/bin/tiny
	cp arguments value $(DESTDIR)$(prefix)/share/tiny/
`

const PROGRAM = `#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
/* Says its version to everybody who connects. */
int serve(int port) {
  int one = 1, server = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(port) };
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(server, (struct sockaddr *) &here, sizeof here) || listen(server, 8)) { perror("tiny"); return 1; }
  for (;;) {
    int client = accept(server, NULL, NULL);
    dprintf(client, "tiny @version@\\n");
    close(client);
  }
}
int main(int argc, char **argv) {
  if (argc > 2 && !strcmp(argv[1], "--serve")) return serve(atoi(argv[2]));
  if (argc > 1 && !strcmp(argv[1], "--die")) { fputs("tiny: no wish to live\\n", stderr); return 1; }
  puts("tiny @version@");
  return 0;
}
`

export interface TinyPackage {
  version: string
  file: string
  path: string
  sha256: string
}

/** Packs tiny-VERSION.tar.gz into the folder; `change` edits its files by name before, `more` are further ones. */
export function packTiny(
  folder: string,
  version: string,
  change: Record<string, (text: string) => string> = {},
  more: Record<string, Buffer> = {},
): TinyPackage {
  const files = {
    configure: CONFIGURE,
    'Makefile.in': MAKEFILE,
    'tiny.c': PROGRAM.replaceAll('@version@', version),
  }
  const work = mkdtempSync(join(tmpdir(), 'tiny-'))
  const top = `tiny-${version}`
  mkdirSync(join(work, top))
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(work, top, name), change[name]?.(text) ?? text, {
      mode: name === 'configure' ? 0o755 : 0o644,
    })
  }
  for (const [name, content] of Object.entries(more)) writeFileSync(join(work, top, name), content)
  const file = `${top}.tar.gz`
  const path = join(folder, file)
  mkdirSync(folder, { recursive: true })
  execFileSync('tar', ['czf', path, '-C', work, top])
  rmSync(work, { recursive: true })
  return { version, file, path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') }
}

/** A recipe with this one version. JSON, which is YAML too, so that a test's values need no quotes of YAML's. */
export function tinyRecipe(archive: TinyPackage, fields: object = {}, ofVersion: object = {}): string {
  const source = { url: `http://127.0.0.1:9/${archive.file}`, sha256: archive.sha256 }
  return JSON.stringify({
    summary: 'a tiny program',
    system: 'autotools',
    ...fields,
    versions: { [archive.version]: { source, ...ofVersion } },
  })
}

/** A service of a recipe: the program, telling its version at the port. */
export function tinyDaemon(port: number, fields: object = {}): object {
  return {
    summary: 'a tiny daemon',
    command: ['${prefix}/bin/tiny', '--serve', String(port)],
    ready: { port },
    ...fields,
  }
}

/** A patch that lets the program print another word; `context` is the line that it expects. */
export function tinyPatch(context = '  puts("tiny @version@");', version = '1.0'): string {
  const lines = PROGRAM.trimEnd().split('\n')
  const at = lines.indexOf('  puts("tiny @version@");')
  return [
    `--- tiny-${version}/tiny.c`,
    `+++ tiny-${version}/tiny.c`,
    `@@ -${at},${lines.length - at + 1} +${at},${lines.length - at + 1} @@`,
    ` ${lines[at - 1]}`,
    `-${context}`,
    '+  puts("tiny @version@ patched");',
    ...lines.slice(at + 1).map((line) => ` ${line}`),
    '',
  ]
    .join('\n')
    .replaceAll('@version@', version)
}
