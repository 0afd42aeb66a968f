"use strict";

// soketi, with the error responses of the hosted service.

const { HttpHandler, Server } = require("@soketi/soketi");
const { Cli } = require("@soketi/soketi/dist/cli/cli");

const TIMESTAMP_TOLERANCE_S = 600;

// Headers written before the status turn every error into a 200. Nothing here needs CORS: browsers use the WebSocket.
HttpHandler.prototype.corsMiddleware = function (res, next) {
  next(null, res);
};

const signatureMiddleware = HttpHandler.prototype.authMiddleware;

// soketi checks only the signature, over the body it received. The hosted service also refuses a late request and
// another key.
HttpHandler.prototype.authMiddleware = function (res, next) {
  const problem = authenticationProblem(res);
  if (problem) {
    return this.unauthorizedResponse(res, problem);
  }
  return signatureMiddleware.call(this, res, next);
};

function authenticationProblem({ app, query }) {
  if (query.auth_key !== app.key) {
    return `Unknown auth_key ${query.auth_key}`;
  }
  const age = Math.abs(Date.now() / 1000 - Number(query.auth_timestamp));
  if (!(age <= TIMESTAMP_TOLERANCE_S)) {
    return `Timestamp expired: ${query.auth_timestamp} is not within ${TIMESTAMP_TOLERANCE_S}s of the server time`;
  }
  return null;
}

// Otherwise instances on one network find each other over UDP broadcast.
Server.prototype.configureDiscovery = async function () {};

new Cli().start({});
