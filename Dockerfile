# The operator's image where Docker exists. hack/images packs the same one without Docker.
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json ./
COPY hack/images hack/images
COPY src src
RUN npm run bundle

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOME=/tmp
COPY --from=build /src/dist/proffer /app
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/node", "/app/proffer.mjs"]
CMD ["operator"]
