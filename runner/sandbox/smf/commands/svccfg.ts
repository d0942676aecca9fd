/**
 * svccfg: the repository's editor, from the command line or from a script.
 * Read in illumos: svccfg/svccfg_main.c, svccfg_engine.c and svccfg.y, svccfg(8).
 */
import { readInWorld } from '../worldFiles.ts'
import { type Call, type Command, Exit, type Output } from './command.ts'
import { getopt } from './getopt.ts'
import {
  add,
  choose,
  deleteEntity,
  list,
  listSnapshots,
  refresh,
  revert,
  selectEntity,
  unavailable,
  unselect,
} from './svccfg/entities.ts'
import { commandLines, type Token } from './svccfg/lexer.ts'
import { exportManifest, extract, importManifests, inventory, validate } from './svccfg/manifests.ts'
import {
  addGroup,
  addValue,
  deleteGroup,
  deleteProperty,
  deleteValue,
  listGroups,
  listProperties,
  setEnvironment,
  setProperty,
  unsetEnvironment,
} from './svccfg/properties.ts'
import { fail, type Session, type Subcommand, strings, warn } from './svccfg/session.ts'

const USAGE = `Usage:\tsvccfg [-v] [-s FMRI] [-f file]
\tsvccfg [-v] [-s FMRI] <command> [args]
`

const HELP = `General commands:	 help set repository end
Manifest commands:	 inventory validate import export archive
Profile commands:	 apply extract
Entity commands:	 list select unselect add delete describe
Snapshot commands:	 listsnap selectsnap revert
Instance commands:	 refresh
Property group commands: listpg addpg delpg
Property commands:	 listprop setprop delprop editprop
Property value commands: addpropvalue delpropvalue setenv unsetenv
Notification parameters: listnotify setnotify delnotify`

/** A command line longer than this is cut off, as in svccfg. */
const LONGEST_COMMAND = 2047

const end: Subcommand = (_session, tokens) => {
  if (tokens.length > 0) return false
  throw new Exit(0)
}

const set: Subcommand = (session, tokens) => {
  const texts = strings(tokens)
  if (!texts) return false
  if (texts.length === 0) session.output.line(session.verbose ? 'verbose' : 'noverbose')
  for (const letter of texts.filter((t) => t.startsWith('-')).flatMap((t) => [...t.slice(1)])) {
    if (letter === 'v') session.verbose = true
    else if (letter === 'V') session.verbose = false
    else warn(session, `Unknown option -${letter}.`)
  }
  return true
}

const subcommands: Record<string, Subcommand> = {
  validate,
  import: importManifests,
  inventory,
  export: exportManifest,
  extract,
  select: selectEntity,
  unselect,
  list,
  add,
  delete: deleteEntity,
  listpg: listGroups,
  addpg: addGroup,
  delpg: deleteGroup,
  listprop: listProperties,
  setprop: setProperty,
  delprop: deleteProperty,
  addpropvalue: addValue,
  delpropvalue: deleteValue,
  setenv: setEnvironment,
  unsetenv: unsetEnvironment,
  listsnap: listSnapshots,
  revert,
  refresh,
  set,
  end,
  exit: end,
  quit: end,
  help: (session) => {
    warn(session, HELP)
    return true
  },
}

for (const name of 'cleanup archive restore apply repository editprop describe selectsnap delhash'.split(' '))
  subcommands[name] = unavailable(name)
for (const name of ['delnotify', 'listnotify', 'setnotify']) subcommands[name] = unavailable(name)

export const svccfg: Command = async (smf, call: Call, output: Output) => {
  const { options, operands, unknown } = getopt(call.args, 'vf:s:')
  if (unknown !== undefined) output.usage(USAGE)
  const option = (letter: string) => options.findLast((o) => o.letter === letter)?.argument
  const verbose = options.some((o) => o.letter === 'v')
  const session: Session = { smf, call, output, verbose, selection: undefined, prefix: 'svccfg' }
  const selected = option('s')
  if (selected !== undefined) choose(session, selected)
  const script = option('f') ?? (operands.length === 0 ? '-' : undefined)
  if (script === undefined) {
    const text = operands
      .map((word) => `${word} `)
      .join('')
      .slice(0, LONGEST_COMMAND)
    await runLines(session, text, undefined)
  } else await runLines(session, readScript(session, script), script === '-' ? '<stdin>' : script)
  return 0
}

function readScript(session: Session, file: string): string {
  const { call, smf } = session
  if (file === '-') return call.stdin.toString()
  const bytes = readInWorld(smf.world.root, file, call.cwd)
  return bytes?.toString() ?? fail(session, `Could not open ${file}: No such file or directory.`)
}

async function runLines(session: Session, text: string, file: string | undefined): Promise<void> {
  for (const { tokens, number } of commandLines(text)) {
    if (file !== undefined) session.prefix = `svccfg (${file}, line ${number})`
    await runCommand(session, tokens)
  }
}

async function runCommand(session: Session, [first, ...rest]: Token[]): Promise<void> {
  const bad = [first, ...rest].find((t) => t?.type === 'bad')
  if (bad?.type === 'bad') session.output.die(`unrecognized character ${bad.text}`)
  if (first?.type !== 'word') fail(session, 'Syntax error.')
  const run = Object.hasOwn(subcommands, first.text) ? subcommands[first.text] : undefined
  if (!run) fail(session, strings(rest) ? `Unknown command "${first.text}".` : 'Syntax error.')
  if (!(await run(session, rest))) fail(session, 'Syntax error.')
}
