package perdura.cli.settings;

import perdura.grids.spec.EnumWord;

/**
 * One connection setting under its three names: in the file {@code temporal.tls.ca}, in the environment
 * {@code PERDURA_TEMPORAL_TLS_CA}, as a flag {@code --temporal-tls-ca}.
 */
public enum Setting {
    TEMPORAL_ADDRESS("temporal.address", "HOST:PORT", "Temporal's frontend", false),
    TEMPORAL_NAMESPACE("temporal.namespace", "NAME", "Temporal's namespace; default: default", false),
    TEMPORAL_TLS("temporal.tls.enabled", "true|false", "whether to speak TLS; on by itself with an API key", false),
    TEMPORAL_TLS_CA("temporal.tls.ca", "FILE", "certificates that Temporal's must be signed by, PEM", false),
    TEMPORAL_TLS_CERT("temporal.tls.cert", "FILE", "own certificate for mutual TLS, PEM", false),
    TEMPORAL_TLS_KEY("temporal.tls.key", "FILE", "own key for mutual TLS, PKCS#8 PEM", false),
    TEMPORAL_API_KEY("temporal.apiKey", "KEY", "API key of Temporal", true),
    DATABASE_URL("database.url", "URL", "jdbc:postgresql://HOST:PORT/DATABASE", false),
    DATABASE_USER("database.user", "NAME", "Postgres user; default: perdura", false),
    DATABASE_PASSWORD("database.password", "PASSWORD", "Postgres password", true),
    MLFLOW_URL("mlflow.url", "URL", "MLflow's tracking server, http://HOST:PORT", false),
    MLFLOW_USER("mlflow.user", "NAME", "user for MLflow's basic authentication", false),
    MLFLOW_PASSWORD("mlflow.password", "PASSWORD", "password for MLflow's basic authentication", true),
    MLFLOW_TOKEN("mlflow.token", "TOKEN", "bearer token for MLflow", true),
    AIRFLOW_URL("airflow.url", "URL", "Airflow's web server, http://HOST:PORT", false),
    AIRFLOW_USER("airflow.user", "NAME", "user of Airflow", false),
    AIRFLOW_PASSWORD("airflow.password", "PASSWORD", "password of Airflow's user", true),
    AIRFLOW_TOKEN("airflow.token", "TOKEN", "bearer token for Airflow, instead of a user", true),
    ARTIFACTS("artifacts", "DIR", "folder of checkpoints and other files of runs", false);

    private final String key;
    private final String valueName;
    private final String description;
    private final boolean secret;

    Setting(String key, String valueName, String description, boolean secret) {
        this.key = key;
        this.valueName = valueName;
        this.description = description;
        this.secret = secret;
    }

    /** Its name in the file, for instance {@code temporal.address}. */
    public String key() {
        return key;
    }

    /** Its name in the environment, for instance {@code PERDURA_TEMPORAL_ADDRESS}. */
    public String variable() {
        return "PERDURA_" + name();
    }

    /** Its name on the command line, for instance {@code --temporal-address}. */
    public String flag() {
        return "--" + EnumWord.of(this);
    }

    public String valueName() {
        return valueName;
    }

    public String description() {
        return description;
    }

    /** Whether the value is shown as {@code ***} only. */
    public boolean isSecret() {
        return secret;
    }

    /** The first part of the key; settings of one group name one service. */
    public String group() {
        int dot = key.indexOf('.');
        return dot < 0 ? key : key.substring(0, dot);
    }
}
