package perdura.store.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** A service that speaks JSON over HTTP. Thread-safe. */
public final class JsonService {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http;
    private final Dialect dialect;
    private final String base;
    private final DurableEffects effects;

    public JsonService(Dialect dialect, URI address, DurableEffects effects) {
        this(dialect, address, effects, CONNECT);
    }

    /** @param connect how long a connection is waited for */
    public JsonService(Dialect dialect, URI address, DurableEffects effects, Duration connect) {
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(connect)
                .build();
        this.dialect = dialect;
        this.base = address.toString().replaceAll("/+$", "");
        this.effects = effects;
    }

    /**
     * How a service words its errors.
     *
     * @param name for messages
     * @param invalid statuses that say that the request is wrong
     * @param healing statuses, besides those of a server that failed, after which another try may succeed
     * @param pagesHeal whether an answer that is not JSON comes from something before the service, such as a proxy, and
     *     heals; else such an answer with a status of 500 and more is the service's last word
     * @param lacks whether an answer with status 404 is the service's own
     * @param words of an error, on one line
     * @param remedy what a person who is not let in can do, or empty
     */
    public record Dialect(
            String name,
            Set<Integer> invalid,
            Set<Integer> healing,
            boolean pagesHeal,
            Predicate<JsonNode> lacks,
            Function<JsonNode, String> words,
            String remedy) {}

    /**
     * What a service answered.
     *
     * @param call method and path of the request, for messages
     * @param json whether the body was a JSON object; some errors are answered with a page
     * @param body the JSON, or a missing node
     */
    public record Reply(Dialect dialect, String call, int status, boolean json, JsonNode body) {
        /** Reads a body. */
        public static Reply of(Dialect dialect, String call, int status, String text) {
            try {
                JsonNode body = JSON.readTree(text);
                if (body.isObject()) {
                    return new Reply(dialect, call, status, true, body);
                }
            } catch (JsonProcessingException e) {
                // A page.
            }
            return new Reply(dialect, call, status, false, MissingNode.getInstance());
        }

        public boolean isOk() {
            return status == 200 || status == 201;
        }

        public boolean isNotLetIn() {
            return status == 401 || status == 403;
        }

        /** Whether the service itself lacks the thing: a proxy that has lost the service has other words. */
        public boolean isNotFound() {
            return status == 404 && dialect.lacks().test(body);
        }

        /**
         * The reply itself if it is a good one.
         *
         * @throws PerduraException SERVICE_UNAVAILABLE if another try may succeed; INVALID_SPEC if the service says that the
         *     request is wrong; NOT_FOUND or INTERNAL otherwise
         */
        public Reply requireOk() {
            if (isOk() && (json || !dialect.pagesHeal())) {
                return this;
            }
            throw failure(null);
        }

        /** What this reply means if it is none that was hoped for; the code is as {@link #requireOk} says. */
        public PerduraException failure(@Nullable Throwable cause) {
            return new PerduraException(code(), this + (isNotLetIn() ? dialect.remedy() : ""), cause);
        }

        private ErrorCode code() {
            if (dialect.invalid().contains(status)) {
                return ErrorCode.INVALID_SPEC;
            }
            boolean otherServer = status < 400 || (status == 404 && !isNotFound()) || (!json && dialect.pagesHeal());
            boolean serverFailed = status >= 500 && json;
            if (dialect.healing().contains(status) || isNotLetIn() || otherServer || serverFailed) {
                return ErrorCode.SERVICE_UNAVAILABLE;
            }
            return status == 404 ? ErrorCode.NOT_FOUND : ErrorCode.INTERNAL;
        }

        /** The service's own words for an error; they may hold values of the request. */
        public String words() {
            return dialect.words().apply(body);
        }

        @Override
        public String toString() {
            String words = words();
            return dialect.name() + " answered " + call + " with " + status
                    + (json ? words.isEmpty() ? "" : ": " + words : ", not in JSON");
        }
    }

    /** What every address of this service begins with; no slash at its end. */
    public String base() {
        return base;
    }

    /** The header for a user, as basic authentication has it. */
    public static String basic(String user, @Nullable String password) {
        String pair = user + ":" + (password == null ? "" : password);
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Asks without changing anything.
     *
     * @param authorization the header, if any
     * @param patience for the answer
     */
    public Reply get(String path, @Nullable String authorization, Duration patience) {
        return send(request(path, authorization, patience).GET().build(), path);
    }

    /** Posts what changes nothing that lasts. */
    public Reply ask(String path, JsonNode body, @Nullable String authorization, Duration patience) {
        return send(post(path, body, authorization, patience), path);
    }

    /** Changes something over there: a durable effect. */
    public Reply change(String path, JsonNode body, @Nullable String authorization, Duration patience) {
        return change(post(path, body, authorization, patience), path);
    }

    /** Sends the bytes of a file: a durable effect. */
    public Reply upload(String path, Path file, @Nullable String authorization, Duration patience) {
        BodyPublisher bytes;
        try {
            bytes = BodyPublishers.ofFile(file);
        } catch (IOException e) {
            throw new PerduraException(ErrorCode.NOT_FOUND, file + " can't be read for upload (" + e + ")", e);
        }
        return change(request(path, authorization, patience).PUT(bytes).build(), path);
    }

    /** Sends a text as a file, in UTF-8: a durable effect. */
    public Reply upload(String path, String text, @Nullable String authorization, Duration patience) {
        BodyPublisher bytes = BodyPublishers.ofString(text);
        return change(request(path, authorization, patience).PUT(bytes).build(), path);
    }

    private Reply change(HttpRequest request, String path) {
        effects.before();
        Reply reply = send(request, path);
        effects.after();
        return reply;
    }

    private HttpRequest post(String path, JsonNode body, @Nullable String authorization, Duration patience) {
        return request(path, authorization, patience)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build();
    }

    private HttpRequest.Builder request(String path, @Nullable String authorization, Duration patience) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(patience)
                .header("Accept", "application/json");
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return request;
    }

    /** @throws PerduraException SERVICE_UNAVAILABLE if there was no answer: the request may or may not have worked */
    private Reply send(HttpRequest request, String path) {
        String call = request.method() + " " + path;
        try {
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            return Reply.of(dialect, call, response.statusCode(), response.body());
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    dialect.name() + " at " + base + " didn't answer " + call + " (" + e + ")",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerduraException(ErrorCode.PREEMPTED, "interrupted while waiting for " + dialect.name(), e);
        }
    }
}
