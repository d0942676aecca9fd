/** The reporter for a terminal: a task list that changes while it runs, and stays as a summary when it is over. */
import { errorText } from '../printError.ts'
import { painter } from './color.ts'
import { inTurn } from './inTurn.ts'
import { type Layout, layoutFor } from './layout.ts'
import { type LiveList, type Node, openLiveList } from './liveList.ts'
import { hostText, type Moment, recipeLines } from './liveText.ts'
import type { Reporter, ReporterOptions } from './reporter.ts'
import { apply, type HostView, isSettled, newView, type RecipeView, stop } from './view.ts'
import { waiters } from './waiters.ts'
import { written } from './written.ts'

const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
const SPINNER_MILLISECONDS = 100
const DEFAULT_ROWS = 24

export function liveReporter(out: NodeJS.WritableStream, options: ReporterOptions): Reporter {
  const now = options.now ?? Date.now
  const paint = painter(options.color)
  const terminal = out as NodeJS.WriteStream
  const view = newView(options.hosts)
  const waiting = waiters()
  const ask = inTurn()
  let moment: Moment
  let layout: Layout
  let list: LiveList | undefined

  function beforeDraw(final: boolean): void {
    const time = now()
    const spinner = SPINNER[Math.floor(time / SPINNER_MILLISECONDS) % SPINNER.length] as string
    moment = { now: time, spinner, paint }
    // One row is the cursor's.
    const rows = final ? Number.POSITIVE_INFINITY : (terminal.rows ?? DEFAULT_ROWS) - 1
    layout = layoutFor(view, rows, (recipe) => recipeLines(recipe, moment).length)
  }

  function hostNode(host: HostView): Node {
    const isOver = () => host.state === 'ended' || host.state === 'stopped'
    return {
      lines: () => (layout.host(host) ? [hostText(host, moment)] : []),
      async children() {
        await waiting.until(() => host.state === 'running' || isOver())
        return host.recipes.map((recipe) => recipeNode(host, recipe))
      },
      async over() {
        await waiting.until(isOver)
        return host.state === 'stopped' || host.error ? 'failed' : 'done'
      },
    }
  }

  function recipeNode(host: HostView, recipe: RecipeView): Node {
    return {
      lines: () => (layout.recipe(host, recipe) ? recipeLines(recipe, moment) : []),
      async over() {
        await waiting.until(() => isSettled(recipe))
        return recipe.state === 'failed' || recipe.state === 'skipped' ? recipe.state : 'done'
      },
    }
  }

  function opened(): LiveList {
    if (!list) {
      beforeDraw(false)
      list = openLiveList(terminal, [...view.hosts.values()].map(hostNode), paint, beforeDraw)
    }
    return list
  }

  return {
    event(event) {
      apply(view, event, now())
      opened()
      // Nobody waits for these, and there are many.
      if (event.type !== 'output' && event.type !== 'fetch' && event.type !== 'upload') waiting.check()
    },
    aside: (question) =>
      ask(async () => {
        await opened().suspend()
        try {
          return await question()
        } finally {
          opened().resume()
        }
      }),
    async end() {
      stop(view)
      waiting.check()
      await list?.finished
      for (const error of view.failures) out.write(`\n${errorText(error, options)}\n`)
      await written(out)
    },
  }
}
