# The operator's image. Both bases are build arguments, for mirrors and for other distributions.
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled

FROM ${SDK} AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src src
RUN dotnet publish src/Octopoid.Operator --configuration Release --output /app -p:DebugType=none

FROM ${RUNTIME}
LABEL org.opencontainers.image.title="Octopoid.Operator" \
      org.opencontainers.image.description="Pools of AI coding agents on Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /app /app
USER 65532:65532
ENV ASPNETCORE_URLS=http://+:8080
EXPOSE 8080
ENTRYPOINT ["dotnet", "/app/Octopoid.Operator.dll"]
