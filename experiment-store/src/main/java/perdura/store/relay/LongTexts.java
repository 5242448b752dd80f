package perdura.store.relay;

import java.util.LinkedHashMap;
import java.util.Map;

/** Parameters and tags that are longer than MLflow keeps: there it shows their beginning, marked as cut, and the whole as an artifact. */
final class LongTexts {
    /** What MLflow cuts without a word. It counts Unicode characters; these are UTF-16, never fewer. */
    private static final int LONGEST_PARAM = 6_000;

    private static final int LONGEST_TAG = 8_000;

    private LongTexts() {}

    /** Tells a run of MLflow's its parameters and tags, and uploads in full what is too long. */
    static void send(MlflowServer mlflow, String mlflowRunId, Map<String, String> params, Map<String, String> tags) {
        mlflow.logParams(mlflowRunId, cut(params, LONGEST_PARAM, "parameters"), cut(tags));
        upload(mlflow, mlflowRunId, params, LONGEST_PARAM, "parameters");
        upload(mlflow, mlflowRunId, tags, LONGEST_TAG, "tags");
    }

    /** Tags as MLflow can keep them. */
    static Map<String, String> cut(Map<String, String> tags) {
        return cut(tags, LONGEST_TAG, "tags");
    }

    private static Map<String, String> cut(Map<String, String> texts, int longest, String folder) {
        Map<String, String> cut = new LinkedHashMap<>();
        texts.forEach(
                (name, text) -> cut.put(name, text.length() <= longest ? text : cut(name, text, longest, folder)));
        return cut;
    }

    private static String cut(String name, String text, int longest, String folder) {
        String mark =
                " … [cut: the whole has " + text.length() + " characters and is artifact " + path(folder, name) + "]";
        int end = longest - mark.length();
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + mark;
    }

    private static void upload(
            MlflowServer mlflow, String mlflowRunId, Map<String, String> texts, int longest, String folder) {
        texts.forEach((name, text) -> {
            if (text.length() > longest) {
                mlflow.uploadText(mlflowRunId, path(folder, name), text);
            }
        });
    }

    private static String path(String folder, String name) {
        return folder + "/" + name.replaceAll("[^\\w.-]", "_") + ".txt";
    }
}
