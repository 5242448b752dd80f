package perdura.store;

import java.sql.Types;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.argument.ArgumentFactory;
import org.jdbi.v3.core.argument.ObjectArgument;
import org.jdbi.v3.core.mapper.RowMapperFactory;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.TemplateEngine;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.TrialKey;

/** How rows become our records, and our types parameters of statements. */
final class Rows {
    /** Types of one column. */
    private static final Set<Class<?>> OF_ONE_COLUMN = Set.of(RunId.class, TrialKey.class);

    private Rows() {}

    /** A record takes the columns that its components are called as; statements are sent as they are written. */
    static Jdbi mapped(Jdbi jdbi) {
        jdbi.getConfig(SqlStatements.class).setTemplateEngine(TemplateEngine.NOP);
        RowMapperFactory records =
                (type, config) -> type instanceof Class<?> word && word.isRecord() && !OF_ONE_COLUMN.contains(word)
                        ? Optional.of(ConstructorMapper.of(word))
                        : Optional.empty();
        ArgumentFactory words = (type, value, config) -> {
            if (value instanceof RunId runId) {
                return Optional.of(ObjectArgument.of(runId.value(), Types.VARCHAR));
            }
            return value instanceof RunKind kind
                    ? Optional.of(ObjectArgument.of(kind.word(), Types.VARCHAR))
                    : Optional.empty();
        };
        return jdbi.registerArrayType(String.class, "text")
                .registerArrayType(Long.class, "int8")
                .registerRowMapper(records)
                .registerArgument(words)
                .registerColumnMapper(RunId.class, (row, column, context) -> {
                    String text = row.getString(column);
                    return text == null ? null : new RunId(text);
                })
                .registerColumnMapper(TrialKey.class, (row, column, context) -> new TrialKey(row.getString(column)))
                .registerColumnMapper(RunKind.class, (row, column, context) -> RunKind.of(row.getString(column)));
    }
}
