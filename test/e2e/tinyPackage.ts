/** A real package that builds in a second: a configure script, a Makefile, a C program, a daemon's script. */
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

const PROGRAM = `#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "--serve")) for (;;) sleep(3600);
  if (argc > 1 && !strcmp(argv[1], "--die")) return 1;
  puts("tiny @version@");
  return 0;
}
`

export interface TinyPackage {
  file: string
  path: string
  sha256: string
}

/** Packs tiny-VERSION.tar.gz into the folder; `change` edits its files by name before. */
export function packTiny(folder: string, version: string, change: Record<string, (text: string) => string> = {}): TinyPackage {
  const files = { configure: CONFIGURE, 'Makefile.in': MAKEFILE, 'tiny.c': PROGRAM.replace('@version@', version) }
  const work = mkdtempSync(join(tmpdir(), 'tiny-'))
  const top = `tiny-${version}`
  mkdirSync(join(work, top))
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(work, top, name), change[name]?.(text) ?? text, { mode: name === 'configure' ? 0o755 : 0o644 })
  }
  const file = `${top}.tar.gz`
  const path = join(folder, file)
  mkdirSync(folder, { recursive: true })
  execFileSync('tar', ['czf', path, '-C', work, top])
  rmSync(work, { recursive: true })
  return { file, path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') }
}
