package perdura.training.method;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import perdura.grids.read.PretrainSpecs;
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

    /** All methods on the class path that are named in {@code META-INF/services}. */
    public static Methods load() {
        return new Methods(ServiceLoader.load(Method.class, Methods.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .toList());
    }

    /** All of them. */
    public List<Method> all() {
        return List.copyOf(byName.values());
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
