/** The service: a form, which its executable evaluates. */
import { once } from "node:events";
import http from "node:http";
import { form } from "consfigurator";
import { z } from "zod";

const answer = "This service is cool.";

/** Answers on that port of its machine, and to nobody from outside. */
export const start = form<[port: number], void>("coolWebService.start", {
  args: z.tuple([z.int().min(1).max(65535)]),
  evaluate: async (port) => {
    const server = http.createServer((_request, response) => {
      response.setHeader("Content-Type", "text/plain; charset=utf-8").end(`${answer}\n`);
    });
    server.listen(port, "127.0.0.1");
    await once(server, "close");
  },
});
