/** workplace.sh: a shell in a build folder, and what was changed there as a patch. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostScript } from '../../runner/paths.ts'
import { exports, quote } from '../../runner/shell.ts'
import { type Outcome, type Shell, shells } from './shells.ts'

const test = suite('host/workplace.sh')

/** A job's folder, and a build folder whose source is unpacked, patched and built in. */
class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'build-stack-workplace-'))
  readonly job = join(this.folder, "job's")
  readonly place = join(this.folder, 'tool-1.0')
  readonly source = join(this.place, 'build/tool')
  readonly #shell: Shell

  constructor(shell: Shell) {
    this.#shell = shell
    for (const folder of [this.job, join(this.source, 'sub')]) mkdirSync(folder, { recursive: true })
    writeFileSync(join(this.job, 'alive.sh'), readFileSync(hostScript('alive.sh')))
    writeFileSync(join(this.source, 'a b.c'), 'one\ntwo\n')
    writeFileSync(join(this.source, 'sub/old'), 'old\n')
    writeFileSync(join(this.source, 'object.o'), 'made by make\n')
  }

  run(words: string[], input = '', strip = 1): Outcome {
    const values = {
      ...{ job: this.job, place: this.place, top: 'build/tool', folder: this.source },
      ...{ strip: String(strip), prefix: strip === 0 ? '' : 'tool/', BUILD_STACK_SHELL: this.#shell.path },
    }
    const pristine = `mkdir -p "$place/pristine" && cp -R "$place/build/tool" "$place/pristine" && rm -f "$place/pristine/tool/object.o"`
    const script = `${exports(values)}unpack_pristine() { ${pristine}; }\n. ${quote(hostScript('workplace.sh'))}\n`
    const file = join(this.job, 'workplace.sh')
    writeFileSync(file, script)
    const { status, stdout, stderr } = spawnSync(this.#shell.path, [file, ...words], {
      ...{ input, encoding: 'utf8', cwd: this.job, env: { PATH: process.env.PATH } },
    })
    return { code: status, stdout, stderr }
  }

  /** A shell with these commands. A file system's clock goes in steps: what a person changes is never in that of the opening. */
  open(commands: string): Outcome {
    assert.is(this.run(['prepare']).code, 0)
    return this.run(['open'], `sleep 0.05\n${commands}`)
  }
}

function each(title: string, body: (place: Place) => void): void {
  for (const shell of shells) {
    test(`${title} (${shell.name})`, () => {
      const place = new Place(shell)
      try {
        body(place)
      } finally {
        rmSync(place.folder, { recursive: true, force: true })
      }
    })
  }
}

each('the shell stands in the folder, and its status is the command’s', (place) => {
  const { code, stdout } = place.open('pwd; exit 7\n')
  assert.is(stdout, `${place.source}\n`)
  assert.is(code, 7)
  // Nothing was changed: the build can go on there.
  assert.not.ok(existsSync(join(place.place, 'edited')))
  assert.is(place.run(['patch']).code, 5)
})

each('no folder, and a job that is at work there, are told apart', (place) => {
  writeFileSync(join(place.place, 'job'), `${place.job}\n`)
  writeFileSync(join(place.job, 'pid'), `${process.pid}\n`)
  // Its words are looked at where they can be: those of a job are job.sh's.
  writeFileSync(join(place.job, 'alive.sh'), 'is_alive() { kill -0 "$1"; }\n')
  assert.is(place.run(['prepare']).code, 4)
  writeFileSync(join(place.job, 'exit'), '1\n')
  assert.is(place.run(['prepare']).code, 0)
  rmSync(place.source, { recursive: true })
  assert.is(place.run(['prepare']).code, 3)
})

each('a patch of what was changed, which patch applies to the source as it was', (place) => {
  place.open(
    "echo three >>'a b.c'; rm sub/old; echo new >sub/new; printf '\\000x' >logo; echo again >object.o\n",
  )
  // What an earlier shell changed is still known.
  place.open('echo four >sub/more\n')
  const { code, stdout, stderr } = place.run(['patch', 'sub/new', 'sub/more'])
  assert.is(code, 0)
  assert.equal(stderr.trimEnd().split('\n').sort(), [
    ...['added sub/more', 'added sub/new', 'changed a b.c', 'new logo', 'new object.o'],
    ...['removed sub/old', 'strip 1'],
  ])
  assert.match(stdout, /^--- tool\/a b\.c\t\n\+\+\+ tool\/a b\.c\t\n@@ -1,2 \+1,3 @@\n one\n two\n\+three\n/m)
  const pristine = join(place.place, 'pristine/tool')
  assert.is(spawnSync('patch', ['-p1'], { cwd: pristine, input: stdout }).status, 0)
  for (const name of ['a b.c', 'sub/new', 'sub/more'])
    assert.is(readFileSync(join(pristine, name), 'utf8'), readFileSync(join(place.source, name), 'utf8'))
  assert.not.ok(existsSync(join(pristine, 'sub/old')))
})

each('as many parts of the paths as the recipe’s patches have', (place) => {
  place.open("echo three >>'a b.c'\n")
  assert.match(place.run(['patch'], '', 0).stdout, /^--- a b\.c\t\n/)
})

test.run()
