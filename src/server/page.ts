/** An answer before it is sent. */
export interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** A sentence as an answer. */
export const textPage = (status: number, body: string): Page => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${body}\n`,
});

/** An object as an answer. */
export const jsonPage = (status: number, body: object): Page => ({
  status,
  type: 'application/json',
  body: `${JSON.stringify(body)}\n`,
});

/** The answer to a path that a listener does not serve. */
export const noSuchPage = (path: string): Page => textPage(404, `there is no ${path}`);
