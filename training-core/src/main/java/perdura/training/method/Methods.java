package perdura.training.method;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;

/** The methods of pre-training that there are, by name. Immutable. */
public final class Methods {
    private final Map<String, Method> byName = new LinkedHashMap<>();
    private final PretrainSpecs specs;

    /** @throws perdura.grids.spec.PerduraException INTERNAL, naming the method, if one is faulty */
    Methods(List<Method> methods) {
        this.specs = new PretrainSpecs(methods.stream().map(Method::schema).toList());
        methods.forEach(method -> byName.put(method.schema().name(), method));
    }

    /**
     * All methods on the class path that are named in {@code META-INF/services}. Their defaults are read once in a process.
     *
     * @throws PerduraException INTERNAL, naming the method, if one is faulty
     */
    public static Methods load() {
        if (Loaded.ONCE.fault != null) {
            throw Loaded.ONCE.fault;
        }
        return Objects.requireNonNull(Loaded.ONCE.methods);
    }

    private record Loaded(
            @Nullable Methods methods, @Nullable PerduraException fault) {
        private static final Loaded ONCE = read();

        private static Loaded read() {
            try {
                ServiceLoader<Method> methods = ServiceLoader.load(Method.class, Methods.class.getClassLoader());
                return new Loaded(
                        new Methods(methods.stream()
                                .map(ServiceLoader.Provider::get)
                                .toList()),
                        null);
            } catch (PerduraException e) {
                return new Loaded(null, e);
            }
        }
    }

    /** All of them. */
    public List<Method> all() {
        return List.copyOf(byName.values());
    }

    /** @throws PerduraException INVALID_SPEC with the nearest name if there is none */
    public Method named(String name) {
        Method method = byName.get(name);
        if (method == null) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "there is no method '" + name + "'" + Nearest.suggestion(name, byName.keySet()) + "; there are "
                            + String.join(", ", byName.keySet()));
        }
        return method;
    }

    /** Reads and writes the specs of these methods. */
    public PretrainSpecs specs() {
        return specs;
    }

    /** The method of a pre-training. */
    public Method of(PretrainSpec spec) {
        Method method = byName.get(spec.method().name());
        if (method == null) {
            throw new IllegalArgumentException(
                    "no method is called " + spec.method().name());
        }
        return method;
    }
}
