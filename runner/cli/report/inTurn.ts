/** Questions to the person at the terminal, one after another: hosts are reached at the same time. */
export type InTurn = <T>(question: () => Promise<T>) => Promise<T>

export function inTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (question) => {
    const answer = last.then(question)
    last = answer.catch(() => undefined)
    return answer
  }
}
