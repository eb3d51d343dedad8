# The operator's image. Both bases are build arguments, for mirrors and for other distributions: RUNTIME needs no shell, but
# ASP.NET Core's shared runtime and `dotnet` on PATH. Nothing here needs ICU: all of the program is culture-invariant.
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled

# On the machine that builds, for whatever platform: what it makes is the same for all.
FROM --platform=${BUILDPLATFORM} ${SDK} AS build
# A folder of unpacked packages (as ~/.nuget/packages), in SDK or mounted: what is in it is not asked of any feed.
ARG PACKAGES=""
WORKDIR /source
# Before the sources, so that a change of them alone restores nothing. All versions are pinned exactly, centrally. Another feed,
# with its credentials and in no layer: --secret id=nuget,src=NuGet.Config
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/Directory.Build.props src/
COPY src/Octopoid.Core/Octopoid.Core.csproj src/Octopoid.Core/
COPY src/Octopoid.Kubernetes/Octopoid.Kubernetes.csproj src/Octopoid.Kubernetes/
COPY src/Octopoid.Operator/Octopoid.Operator.csproj src/Octopoid.Operator/
RUN --mount=type=secret,id=nuget,target=/root/.nuget/NuGet/NuGet.Config \
    dotnet restore src/Octopoid.Operator --disable-build-servers -p:RestoreFallbackFolders="${PACKAGES}"
COPY BannedSymbols.txt .editorconfig ./
COPY src src
# Not above, where each commit would restore anew.
ARG VERSION=0.1.0
ARG REVISION=""
RUN dotnet publish src/Octopoid.Operator --no-restore --disable-build-servers --configuration Release --output /app \
    -p:Version="${VERSION}" -p:SourceRevisionId="${REVISION}" -p:DebugType=none -p:PublishDocumentationFiles=false -p:UseAppHost=false

FROM ${RUNTIME}
ARG VERSION=0.1.0
ARG REVISION=""
LABEL org.opencontainers.image.title="Octopoid.Operator" \
      org.opencontainers.image.description="Pools of AI coding agents on Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /app /app
USER 65532:65532
ENV ASPNETCORE_URLS=http://+:8080
EXPOSE 8080
ENTRYPOINT ["dotnet", "/app/Octopoid.Operator.dll"]
