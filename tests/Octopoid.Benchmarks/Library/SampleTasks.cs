namespace Octopoid.Benchmarks.Library;

/// <summary>Tasks as an API server sends them: one that was applied by kubectl and waits, here with other names and UIDs.</summary>
internal static class SampleTasks
{
    /// <summary>One of them.</summary>
    public static string Json(int number) => $$$$"""
        {"apiVersion":"octopoid.dev/v1alpha1","kind":"AgentTask","metadata":{
          "annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"octopoid.dev/v1alpha1\",\"kind\":\"AgentTask\",\"metadata\":{\"annotations\":{},\"name\":\"refactor-the-parser-{{{{number:00000}}}}\",\"namespace\":\"work\"},\"spec\":{\"prompt\":\"Mend it.\"}}\n"},
          "creationTimestamp":"2026-11-02T08:15:{{{{number % 60:00}}}}Z","generation":1,
          "managedFields":[{"apiVersion":"octopoid.dev/v1alpha1","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/last-applied-configuration":{}}},"f:spec":{".":{},"f:priority":{},"f:prompt":{},"f:title":{}}},"manager":"kubectl","operation":"Update","time":"2026-11-02T08:15:00Z"}],
          "name":"refactor-the-parser-{{{{number:00000}}}}","namespace":"work","resourceVersion":"{{{{100_000_000 + number}}}}","uid":"b645d32a-646b-4baa-bbd3-{{{{number:x12}}}}"},
         "spec":{"title":"Refactor the parser","priority":"P2","prompt":"The parser takes a closing bracket for an opening one. Mend it, and add the test that would have found it."},
         "status":{"state":"incoming"}}
        """;
}
