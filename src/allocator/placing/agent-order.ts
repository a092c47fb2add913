/** The agents that a class may take, in the order in which it takes them. */
export interface AgentOrder {
  /**
   * The next agent and how many of `wanted` tasks go there before another one is due.
   * @returns undefined when no agent has room
   */
  next(wanted: number): { readonly agent: number; readonly tasks: number } | undefined;

  /** Tells the order that the class may not take the agent that next() gave, now or later. */
  skip(): void;

  /** Tells the order that the agent that next() gave was taken. */
  took(agent: number): void;
}
